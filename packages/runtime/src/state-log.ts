import type { Logger } from './logger.js';

/**
 * Logs a state when it changes: one line when trouble begins, one when it ends, and one from time to time in between.
 * Each line has the number of occurrences since the last one.
 */
export interface StateLog {
  /** Reports an occurrence of the trouble; `details` are added to the line, if one is logged. */
  failed(details?: Readonly<Record<string, unknown>>): void;
  /** Reports a success. Costs nothing while there is no trouble. */
  worked(): void;
  /** Number of occurrences since the start. */
  readonly failures: number;
}

export interface StateLogOptions {
  readonly logger: Pick<Logger, 'warn' | 'info'>;
  /** The trouble, as a sentence without a full stop. */
  readonly trouble: string;
  /** The line for its end. Without it the end is not logged. */
  readonly over?: string;
  /** Shortest time between two lines about the same trouble. @default 60_000 */
  readonly everyMs?: number;
  /** Milliseconds that never go back. @default performance.now */
  readonly now?: () => number;
}

export const createStateLog = (options: StateLogOptions): StateLog => {
  const { logger, trouble, over, everyMs = 60_000, now = () => performance.now() } = options;
  let failures = 0;
  let loggedFailures = 0;
  let loggedAt: number | undefined;
  /** A line has reported trouble, and none has yet reported its end. */
  let isReported = false;

  return {
    failed(details = {}) {
      failures += 1;
      const at = now();
      if (loggedAt !== undefined && at - loggedAt < everyMs) return;
      logger.warn({ ...details, times: failures - loggedFailures }, trouble);
      loggedAt = at;
      loggedFailures = failures;
      isReported = true;
    },
    worked() {
      if (!isReported || over === undefined) return;
      isReported = false;
      logger.info({ times: failures - loggedFailures }, over);
      loggedFailures = failures;
    },
    get failures() {
      return failures;
    },
  };
};
