export interface SeldomOptions {
  readonly everyMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** Acts at once, and then at most once in `everyMs` for a key, with how often it was asked to since it last did. */
export type Seldom = (key: string, act: (times: number) => void) => void;

/** For what may happen a thousand times a second and is worth one line of log. Keys are few: they are kept. */
export const createSeldom = ({ everyMs, now }: SeldomOptions): Seldom => {
  const known = new Map<string, { dueAt: number; times: number }>();
  return (key, act) => {
    const entry = known.get(key) ?? { dueAt: Number.NEGATIVE_INFINITY, times: 0 };
    known.set(key, entry);
    entry.times += 1;
    const at = now();
    if (at < entry.dueAt) return;
    const { times } = entry;
    entry.dueAt = at + everyMs;
    entry.times = 0;
    act(times);
  };
};
