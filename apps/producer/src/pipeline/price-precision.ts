import { maxPriceDecimals } from '@tickwire/protocol';

/** The precision of an instrument's prices, as known so far. Decimals never decrease. */
export interface PricePrecision {
  readonly decimals: number;
  /** False until two prices differed: a single price says little about the smallest move. */
  readonly hasMoved: boolean;
  /** Learns from a price as the venue sent it. Anything but a price above zero is ignored. */
  see(price: string | undefined): void;
  /** Takes the precision that the venue states. */
  know(decimals: number | undefined): void;
  /** The smallest possible move near a price. */
  tickSize(price: number): number;
  /**
   * Prints two digits more than the tick has, because a band may be narrower, and at least three significant digits.
   */
  print(price: number): string;
}

/** JavaScript prints numbers from here on with an exponent. They have no decimals. */
const exponentsFrom = 1e21;
/** Largest tick of a market that has not moved, as a share of its price: `1` may be `1.0000`. */
const unmovedTick = 1e-4;

export const createPricePrecision = (
  saved: Pick<PricePrecision, 'decimals' | 'hasMoved'> = { decimals: 0, hasMoved: false },
): PricePrecision => {
  let { decimals, hasMoved } = saved;
  let isKnown = false;
  let first: number | undefined;

  const grow = (to: number): void => {
    decimals = Math.min(Math.max(decimals, to), maxPriceDecimals);
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
      if (price >= exponentsFrom) return String(BigInt(price));
      const digits = Math.max(2 - Math.round(Math.log10(tickSize(price))), 2 - Math.floor(Math.log10(price)));
      return price.toFixed(Math.min(Math.max(digits, 0), 100));
    },
  };
};

/** Decimals without trailing zeros: venues pad prices with them. */
export const usedDecimals = (price: string): number => (price.split('.')[1] ?? '').replace(/0+$/, '').length;
