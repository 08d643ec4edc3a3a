/** Ends things at a given wall-clock time. */
export interface Expiries {
  /** Calls back within a second after `atMs`, unless the returned function was called before. */
  add(atMs: number, onExpired: () => void): () => void;
  close(): void;
}

const secondMs = 1_000;

/** One timer for all, which stops while there is nothing to end. Ends in the same second are grouped. */
export const createExpiries = (now: () => number = Date.now): Expiries => {
  const bySecond = new Map<number, Set<() => void>>();
  let timer: NodeJS.Timeout | undefined;

  const turn = (): void => {
    const nowSecond = Math.floor(now() / secondMs);
    // There is one key per distinct second, not per client; a clock that is set forward skips none.
    for (const [second, due] of bySecond) {
      if (second > nowSecond) continue;
      bySecond.delete(second);
      for (const onExpired of due) onExpired();
    }
    if (bySecond.size === 0) close();
  };

  const close = (): void => {
    clearInterval(timer);
    timer = undefined;
  };

  return {
    add(atMs, onExpired) {
      const second = Math.ceil(atMs / secondMs);
      const due = bySecond.get(second) ?? new Set();
      bySecond.set(second, due);
      // A new closure: the same function may be added twice.
      const entry = (): void => onExpired();
      due.add(entry);
      timer ??= setInterval(turn, secondMs).unref();
      return () => {
        due.delete(entry);
        if (due.size === 0 && bySecond.get(second) === due) bySecond.delete(second);
        if (bySecond.size === 0) close();
      };
    },
    close,
  };
};
