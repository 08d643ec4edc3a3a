/** How fast counts grow: since somebody asked last, but at least over a second. */
export interface Rates {
  /** Undefined for a count not seen before, or one that began anew. */
  perSecond(name: string, count: number): number | undefined;
  /** Forgets the counts for which it does not hold. */
  keep(isKept: (name: string) => boolean): void;
}

interface Seen {
  readonly count: number;
  readonly at: number;
  readonly rate: number | undefined;
}

const leastMs = 1_000;

/** `now` in milliseconds, never back. */
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
      // Two operators who look at once must not make a rate of a millisecond.
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
