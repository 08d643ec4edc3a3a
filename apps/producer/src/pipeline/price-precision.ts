/** How fine the prices of an instrument are, as far as it is known by now. Decimals only grow. */
export interface PricePrecision {
  readonly decimals: number;
  /** False until two prices differed: one price alone says little of the smallest move. */
  readonly hasMoved: boolean;
  /** Learns from a price as the venue sent it. What is not a price above zero says nothing. */
  see(price: string | undefined): void;
  /** Takes the venue's word. */
  know(decimals: number | undefined): void;
  /** Smallest move there may be near a price. */
  tickSize(price: number): number;
  /** Two digits finer than the tick, because a band may be narrower, and never less than three digits. */
  print(price: number): string;
}

const maxDecimals = 20;
/** The tick of a market that has not moved is at most this share of its price: `1` may well be `1.0000`. */
const unmovedTick = 1e-4;

export const createPricePrecision = (
  saved: Pick<PricePrecision, 'decimals' | 'hasMoved'> = { decimals: 0, hasMoved: false },
): PricePrecision => {
  let { decimals, hasMoved } = saved;
  let isKnown = false;
  let first: number | undefined;

  const grow = (to: number): void => {
    decimals = Math.min(Math.max(decimals, to), maxDecimals);
  };

  const tickSize = (price: number): number => {
    const tick = 10 ** -decimals;
    return isKnown || hasMoved ? tick : Math.min(tick, unmovedTick * price);
  };

  return {
    get decimals() {
      return decimals;
    },
    get hasMoved() {
      return hasMoved;
    },
    see: (text) => {
      const price = Number(text);
      if (text === undefined || !(price > 0)) return;
      first ??= price;
      if (price !== first) hasMoved = true;
      grow(usedDecimals(text));
    },
    know: (venueDecimals) => {
      if (venueDecimals === undefined) return;
      isKnown = true;
      grow(venueDecimals);
    },
    tickSize,
    print: (price) => {
      const digits = Math.max(2 - Math.round(Math.log10(tickSize(price))), 2 - Math.floor(Math.log10(price)));
      return price.toFixed(Math.min(Math.max(digits, 0), 100));
    },
  };
};

/** Venues pad prices with zeros: these are not used. */
const usedDecimals = (price: string): number => (price.split('.')[1] ?? '').replace(/0+$/, '').length;
