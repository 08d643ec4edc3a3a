/** Prices of one symbol at an even pace: what a small line is drawn from. */
export interface Sparkline {
  /** The newest price at this moment; older moments than the newest kept are put in where they belong. */
  add(atMs: number, price: number): void;
  readonly size: number;
  /** Grows with every change that shows. */
  readonly revision: number;
  /** The oldest and the newest price, where the line is nearly as long as it may be. */
  readonly ends: readonly [from: number, to: number] | undefined;
  /**
   * Heights from 0 (the lowest, or `floor`) to 1, oldest first, into `into`; returns how many. A line without moves
   * lies at 0.5.
   */
  heights(into: Float64Array): number;
  /** Where those stand on the way from the oldest possible, 0, to the newest, 1. */
  places(into: Float64Array): void;
}

export interface SparklineOptions {
  /** @default a quarter of an hour */
  readonly stepMs?: number;
  /** @default 97, of which the first is 24 hours before the last */
  readonly maxPoints?: number;
  /** What height 0 stands for; the lowest there is without it. */
  readonly floor?: number;
}

const quarterMs = 900_000;
const dayPoints = 97;
/** A line of this share of its whole length is long enough to say how far the price went in that time. */
const wholeShare = 0.95;

export const createSparkline = (options: SparklineOptions = {}): Sparkline => {
  const { stepMs = quarterMs, maxPoints = dayPoints, floor = Number.POSITIVE_INFINITY } = options;
  /** Sorted by step; one price, the newest, a step. */
  const steps: number[] = [];
  const prices: number[] = [];
  let revision = 0;

  const oldestStep = (): number => (steps.at(-1) ?? 0) - maxPoints + 1;

  return {
    add(atMs, price) {
      const step = Math.floor(atMs / stepMs);
      if (step < oldestStep()) return;
      const at = steps.findLastIndex((known) => known <= step);
      if (steps[at] === step) {
        // A price older than the newest of its step changes nothing.
        if (at < steps.length - 1 || prices[at] === price) return;
        prices[at] = price;
      } else {
        steps.splice(at + 1, 0, step);
        prices.splice(at + 1, 0, price);
        while ((steps[0] ?? step) < oldestStep()) {
          steps.shift();
          prices.shift();
        }
      }
      revision += 1;
    },
    get size() {
      return steps.length;
    },
    get revision() {
      return revision;
    },
    get ends() {
      const [from, to] = [prices[0], prices.at(-1)];
      if (from === undefined || to === undefined) return undefined;
      const length = (steps.at(-1) ?? 0) - (steps[0] ?? 0);
      return length >= (maxPoints - 1) * wholeShare ? ([from, to] as const) : undefined;
    },
    heights(into) {
      const count = Math.min(prices.length, into.length);
      const from = prices.length - count;
      let low = floor;
      let high = Number.NEGATIVE_INFINITY;
      for (let i = from; i < prices.length; i += 1) {
        low = Math.min(low, prices[i] as number);
        high = Math.max(high, prices[i] as number);
      }
      for (let i = 0; i < count; i += 1) {
        into[i] = high > low ? ((prices[from + i] as number) - low) / (high - low) : 0.5;
      }
      return count;
    },
    places(into) {
      const count = Math.min(prices.length, into.length);
      const from = prices.length - count;
      for (let i = 0; i < count; i += 1) into[i] = ((steps[from + i] as number) - oldestStep()) / (maxPoints - 1);
    },
  };
};
