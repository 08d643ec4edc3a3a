import { hrtime } from 'node:process';

/** Wall milliseconds with fractions, the same in every process that was given the same offset. */
export type BenchClock = () => number;

/**
 * What turns the monotonic clock into wall time. Taken once, by one process, and handed to the others: each process's
 * own idea of wall time would differ, and be corrected in the middle of a run.
 */
export const wallOffsetMs = (): number => Date.now() - monotonicMs();

export const createBenchClock = (offsetMs: number): BenchClock => {
  // `performance.now` reads the same clock as hrtime from another zero, at a fraction of the cost.
  const zero = offsetMs + monotonicMs() - performance.now();
  return () => zero + performance.now();
};

const monotonicMs = (): number => Number(hrtime.bigint() / 1_000n) / 1_000;
