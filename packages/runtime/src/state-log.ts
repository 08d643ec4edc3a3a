import type { Logger } from './logger.js';

/**
 * Logs a state of the world when it changes: one line when the trouble begins, one when it is over, and one now and then
 * in between, however often it is met. Each line says how often it was met since the line before.
 */
export interface StateLog {
  /** The trouble was met; `details` are those of a line, if there is one. */
  failed(details?: Readonly<Record<string, unknown>>): void;
  /** It went well. Costs nothing while there is no trouble. */
  worked(): void;
  /** How often the trouble was met since the start. */
  readonly failures: number;
}

export interface StateLogOptions {
  readonly logger: Pick<Logger, 'warn' | 'info'>;
  /** What is wrong, as a sentence without an end. */
  readonly trouble: string;
  /** That it is over. Nothing is logged of an end without it. */
  readonly over?: string;
  /** Least time between two lines of the same trouble. @default 60_000 */
  readonly everyMs?: number;
  /** Milliseconds, never back. @default performance.now */
  readonly now?: () => number;
}

export const createStateLog = (options: StateLogOptions): StateLog => {
  const { logger, trouble, over, everyMs = 60_000, now = () => performance.now() } = options;
  let failures = 0;
  let loggedFailures = 0;
  let loggedAt: number | undefined;
  /** A line has said that there is trouble, and none yet that it is over. */
  let isTold = false;

  return {
    failed(details = {}) {
      failures += 1;
      const at = now();
      if (loggedAt !== undefined && at - loggedAt < everyMs) return;
      logger.warn({ ...details, times: failures - loggedFailures }, trouble);
      loggedAt = at;
      loggedFailures = failures;
      isTold = true;
    },
    worked() {
      if (!isTold || over === undefined) return;
      isTold = false;
      logger.info({ times: failures - loggedFailures }, over);
      loggedFailures = failures;
    },
    get failures() {
      return failures;
    },
  };
};
