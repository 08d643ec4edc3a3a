import { hrtime } from 'node:process';

/** Wall milliseconds with fractions, the same in every process that was given the same offset. */
export type BenchClock = () => number;

/**
 * What turns the monotonic clock into wall time. Taken once, by one process, and handed to the others: each process's
 * own idea of wall time would differ, and be corrected in the middle of a run.
 */
export const wallOffsetMs = (): number => Date.now() - monotonicMs();

/** The two clocks it is made of. */
export interface ClockReadings {
  monotonicMs(): number;
  performanceMs(): number;
}

const attempts = 50;
const monotonicMs = (): number => Number(hrtime.bigint() / 1_000n) / 1_000;
const ofThisProcess: ClockReadings = { monotonicMs, performanceMs: () => performance.now() };

/** `performance.now` reads the same clock as hrtime from another zero, at a fraction of the cost. */
export const createBenchClock = (offsetMs: number, readings: ClockReadings = ofThisProcess): BenchClock => {
  // A process that is held up between the two readings takes the zero for earlier than it is, never for later.
  const zeros = Array.from({ length: attempts }, () => readings.monotonicMs() - readings.performanceMs());
  const zero = offsetMs + Math.max(...zeros);
  return () => zero + readings.performanceMs();
};
