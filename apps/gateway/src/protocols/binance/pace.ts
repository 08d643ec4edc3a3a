/** Calls each listener at a steady pace. */
export interface Pace {
  /** Returns its undo. */
  add(onTurn: () => void): () => void;
  close(): void;
}

/** One timer for all listeners, which stands still without any. */
export const createPace = (intervalMs: number): Pace => {
  const listeners = new Set<() => void>();
  let timer: NodeJS.Timeout | undefined;

  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
  };

  return {
    add(onTurn) {
      // Its own, so that one function may be added twice.
      const listener = (): void => onTurn();
      listeners.add(listener);
      timer ??= setInterval(() => {
        for (const each of [...listeners]) each();
      }, intervalMs);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) stop();
      };
    },
    close: stop,
  };
};
