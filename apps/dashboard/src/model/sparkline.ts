/** Recent prices of one symbol at an even pace: what a small line is drawn from. */
export interface Sparkline {
  /** The newest price at this moment; older moments than the newest kept are put in where they belong. */
  add(atMs: number, price: number): void;
  readonly size: number;
  /** Grows with every change that shows. */
  readonly revision: number;
  /**
   * Heights from 0 (the lowest, or `floor`) to 1, oldest first, into `into`; returns how many. A line without moves
   * lies at 0.5.
   */
  heights(into: Float64Array): number;
}

export interface SparklineOptions {
  /** @default 2_000 */
  readonly stepMs?: number;
  /** @default 150 */
  readonly maxPoints?: number;
  /** What height 0 stands for; the lowest there is without it. */
  readonly floor?: number;
}

export const createSparkline = (options: SparklineOptions = {}): Sparkline => {
  const { stepMs = 2_000, maxPoints = 150, floor = Number.POSITIVE_INFINITY } = options;
  /** Sorted by step; one price, the newest, a step. */
  const steps: number[] = [];
  const prices: number[] = [];
  let revision = 0;

  return {
    add(atMs, price) {
      const step = Math.floor(atMs / stepMs);
      const at = steps.findLastIndex((known) => known <= step);
      if (steps[at] === step) {
        // A price older than the newest of its step changes nothing.
        if (at < steps.length - 1 || prices[at] === price) return;
        prices[at] = price;
      } else {
        steps.splice(at + 1, 0, step);
        prices.splice(at + 1, 0, price);
        if (steps.length > maxPoints) {
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
  };
};
