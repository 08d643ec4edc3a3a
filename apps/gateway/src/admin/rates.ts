/** How fast counts grow: since the last request, but over at least a second. */
export interface Rates {
  /** Undefined for a new count, or one that was reset. */
  perSecond(name: string, count: number): number | undefined;
  /** Removes the counts for which `isKept` returns false. */
  keep(isKept: (name: string) => boolean): void;
}

interface Seen {
  readonly count: number;
  readonly at: number;
  readonly rate: number | undefined;
}

const leastMs = 1_000;

/** `now`: milliseconds that never go back. */
export const createRates = (now: () => number = () => performance.now()): Rates => {
  const seen = new Map<string, Seen>();
  return {
    perSecond(name, count) {
      const at = now();
      const before = seen.get(name);
      if (before === undefined || count < before.count) {
        seen.set(name, { count, at, rate: undefined });
        return undefined;
      }
      // Two operators who look at the same time must not cause a rate over a millisecond.
      if (at - before.at < leastMs) return before.rate;
      const rate = ((count - before.count) * 1_000) / (at - before.at);
      seen.set(name, { count, at, rate });
      return rate;
    },
    keep(isKept) {
      for (const name of seen.keys()) if (!isKept(name)) seen.delete(name);
    },
  };
};
