import { availableParallelism, loadavg } from 'node:os';

/** Predicates often ask other processes: the longer it takes, the seldomer, within these limits. */
const shortestPollMs = 5;
const longestPollMs = 100;
const pollShare = 0.1;
/** What a turn of the loop counts at most: a process that was held up has not waited. */
const maxTurnMs = 100;
const maxSlowness = 10;

/** How many times longer than on a quiet machine all takes: what wants a processor, for each there is. At least 1. */
export const slowness = (): number => Math.min(maxSlowness, Math.max(1, (loadavg()[0] ?? 0) / availableParallelism()));

/** A time limit of a quiet machine, as this machine needs it now. */
export const patientMs = (quietMs: number): number => Math.ceil(quietMs * slowness());

/**
 * Resolves with the first truthy value of the predicate, tried every 5 to 100 ms.
 * @throws Error after `deadlineMs` of a quiet machine, naming what was waited for
 */
export const waitFor = async <T>(
  what: string,
  predicate: () => T | Promise<T>,
  deadlineMs = 10_000,
): Promise<NonNullable<Exclude<T, false>>> => {
  const startedAt = performance.now();
  let spentMs = 0;
  for (let last = startedAt; ; ) {
    const value = await predicate();
    if (value) return value as NonNullable<Exclude<T, false>>;
    if (spentMs > deadlineMs) {
      const byClock = Math.round(performance.now() - startedAt);
      throw new Error(
        `waited ${deadlineMs} ms for ${what} (${byClock} by the clock, slowness ${slowness().toFixed(1)})`,
      );
    }
    const pollMs = Math.max(shortestPollMs, pollShare * (performance.now() - startedAt));
    await new Promise((resolve) => setTimeout(resolve, Math.min(longestPollMs, pollMs)));
    const now = performance.now();
    spentMs += Math.min(now - last, maxTurnMs) / slowness();
    last = now;
  }
};
