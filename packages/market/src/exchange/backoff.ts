export interface BackoffOptions {
  /** In [0, 1). @default Math.random */
  readonly random?: () => number;
  /** Upper bound of the first wait. @default 500 */
  readonly baseMs?: number;
  /** Upper bound of all waits. @default 60_000 */
  readonly capMs?: number;
}

export interface Backoff {
  /** Time to wait before the next attempt. */
  nextMs(): number;
  /** Call after a lasting success: the next wait is short again. */
  reset(): void;
}

/**
 * Full jitter: a random wait from 0 to a bound that doubles with each failure, up to the cap. Clients that failed
 * together do not reconnect together (AWS Architecture Blog, "Exponential Backoff And Jitter").
 */
export const createBackoff = (options: BackoffOptions = {}): Backoff => {
  const { random = Math.random, baseMs = 500, capMs = 60_000 } = options;
  let failures = 0;
  return {
    nextMs: () => Math.round(random() * Math.min(capMs, baseMs * 2 ** Math.min(failures++, 30))),
    reset: () => {
      failures = 0;
    },
  };
};
