import type { Random } from './random.js';

/** Best bid and ask in ticks and lots. Always `bid < ask`, sizes at least one lot. */
export interface Book {
  readonly top: Readonly<Top>;
  /**
   * Sets new quotes around a fair price. `pressure` is the standardised future drift: buyers outnumber sellers if
   * positive.
   */
  requote(fairTicks: number, deviationTicks: number, pressure: number): void;
  /** A trade at the best price. Returns true if it took the whole level, so that the next one is the best. */
  take(side: 'buy' | 'sell', lots: number): boolean;
}

export interface Top {
  bid: number;
  bidLots: number;
  ask: number;
  askLots: number;
}

/**
 * Makes imbalance informative: log(bidLots / askLots) is `2 * signal * pressure` plus noise with deviation `2 * noise`,
 * so half of its variance comes from the pressure.
 */
const signal = 0.6;
const noise = 0.6;

export const createBook = (meanLots: number, random: Random): Book => {
  const top: Top = { bid: 1, bidLots: 1, ask: 2, askLots: 1 };
  const lots = (tilt: number): number => Math.max(1, Math.round(meanLots * Math.exp(tilt)));

  return {
    top,
    requote: (fairTicks, deviationTicks, pressure) => {
      // One tick in a liquid market; more if a second moves the price far.
      const half = 0.5 + 0.03 * deviationTicks * random.uniform();
      top.bid = Math.max(1, Math.floor(fairTicks - half + 0.5));
      top.ask = Math.max(top.bid + 1, Math.ceil(fairTicks + half - 0.5));
      const common = 0.4 * random.normal();
      top.bidLots = lots(common + signal * pressure + noise * random.normal());
      top.askLots = lots(common - signal * pressure + noise * random.normal());
    },
    take: (side, taken) => {
      if (side === 'buy') {
        top.askLots -= taken;
        if (top.askLots > 0) return false;
        top.ask += 1;
        top.askLots = lots(0.5 * random.normal());
      } else {
        top.bidLots -= taken;
        if (top.bidLots > 0) return false;
        if (top.bid > 1) top.bid -= 1;
        top.bidLots = lots(0.5 * random.normal());
      }
      return true;
    },
  };
};
