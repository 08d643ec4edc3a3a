/** What happened in each of the last seconds. */
export interface Rate {
  add(nowMs: number, count?: number): void;
  /** Mean over the last five whole seconds. */
  perSecond(nowMs: number): number;
  /** Counts of the last whole seconds since the first was counted, oldest first. */
  recent(nowMs: number, seconds: number): readonly number[];
}

const kept = 64;
const meanSeconds = 5;

export const createRate = (): Rate => {
  const counts = new Float64Array(kept);
  const second = new Float64Array(kept).fill(-1);
  let first: number | undefined;

  const at = (of: number): number => (second[of % kept] === of ? (counts[of % kept] ?? 0) : 0);

  return {
    add(nowMs, count = 1) {
      const now = Math.floor(nowMs / 1_000);
      first ??= now;
      if (second[now % kept] !== now) {
        second[now % kept] = now;
        counts[now % kept] = 0;
      }
      counts[now % kept] = at(now) + count;
    },
    perSecond(nowMs) {
      const now = Math.floor(nowMs / 1_000);
      if (first === undefined) return 0;
      const seconds = Math.min(meanSeconds, now - first);
      // The first second is not over yet.
      if (seconds === 0) return at(now);
      let sum = 0;
      for (let back = 1; back <= seconds; back += 1) sum += at(now - back);
      return sum / seconds;
    },
    recent(nowMs, seconds) {
      const now = Math.floor(nowMs / 1_000);
      if (first === undefined) return [];
      const length = Math.min(seconds, kept - 1, now - first);
      return Array.from({ length }, (_, i) => at(now - length + i));
    },
  };
};
