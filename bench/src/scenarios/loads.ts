import type { Bench } from '../bench.js';
import type { Run } from '../report/run.js';
import type { Load } from '../stage.js';

export const atRate = (ticksPerSecond: number): string => `${ticksPerSecond} ticks/s`;

/** A load of the usual length. */
export const paced = ({ options }: Bench, ticksPerSecond: number, more: Partial<Load> = {}): Load => ({
  ticksPerSecond,
  // Two ticks at least, however seldom they come.
  seconds: Math.max(options.seconds, 2.5 / ticksPerSecond),
  warmUpSeconds: options.isQuick ? 0.5 : 1,
  settleMs: 1_000,
  ...more,
});

const tolerance = 0.25;

/** Keeps runs with the intended number of ticks per write: a server that was held up puts more into each. */
export const withTicksAWrite = (runs: readonly Run[], ticks: number): readonly Run[] =>
  runs.filter(
    ({ figures: { ticksPerWrite } }) => ticksPerWrite === undefined || Math.abs(ticksPerWrite / ticks - 1) <= tolerance,
  );
