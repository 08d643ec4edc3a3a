import type { Random } from './random.js';

/**
 * Times of trades from a Hawkes process: each trade makes others more likely for a moment, so they come in bursts. Rate
 * at time t: `base + sum over past trades of influence * exp(-decay * (t - then))`.
 */
export interface Arrivals {
  /** Milliseconds of the next trade. */
  next(): number;
  /** Accepts the next trade, and draws the one after it. */
  accept(): void;
  /** Factor on the base rate, from `now` on. */
  setActivity(factor: number, now: number): void;
  /** Adds as many trades, soon, as `seconds` of the mean rate have. */
  excite(seconds: number, now: number): void;
}

/** Share of trades triggered by another trade: bursts have `1 / (1 - branching)` trades on average. */
const branching = 0.75;
/** Per second: a trade's influence halves in 35 ms. */
const decay = 20;
/**
 * Influence varies between trades: lognormal with mean 1. With equal influence bursts are far smaller than recorded
 * ones.
 */
const influenceDeviation = 1.5;

/**
 * Exact simulation after Dassios and Zhao, "Exact simulation of Hawkes process with exponentially decaying intensity"
 * (2013): the wait is the smaller of one drawn from the base rate and one drawn from the decaying excitement.
 */
export const createArrivals = (meanPerSecond: number, startMs: number, random: Random): Arrivals => {
  const base = meanPerSecond * (1 - branching);
  const jump = branching * decay;
  let activity = 1;
  /** Rate above the base at `time`. */
  let excitement = meanPerSecond * branching;
  let time = startMs;
  let nextAt = 0;

  const draw = (): void => {
    const fromBase = random.exponential() / (base * activity);
    const survival = excitement > 0 ? 1 - (decay * random.exponential()) / excitement : 0;
    const fromExcitement = survival > 0 ? -Math.log(survival) / decay : Number.POSITIVE_INFINITY;
    nextAt = time + 1000 * Math.min(fromBase, fromExcitement);
  };

  /** The process is memoryless, so it may be drawn anew from any moment before the next trade. */
  const restartAt = (now: number): void => {
    excitement *= Math.exp((-decay * (now - time)) / 1000);
    time = now;
  };

  draw();
  return {
    next: () => nextAt,
    accept: () => {
      restartAt(nextAt);
      excitement += jump * Math.exp(influenceDeviation * (random.normal() - influenceDeviation / 2));
      draw();
    },
    setActivity: (factor, now) => {
      if (factor === activity) return;
      restartAt(now);
      activity = factor;
      draw();
    },
    excite: (seconds, now) => {
      restartAt(now);
      // The excitement causes excitement / decay trades, and each triggers its burst.
      excitement += seconds * meanPerSecond * decay * (1 - branching);
      draw();
    },
  };
};
