import type { Bench, RunLabel } from '../bench.js';
import type { Measured, Stage } from '../stage.js';
import { paced } from './loads.js';

/** Reads of a saturated generator come at most this often: see `WindowRequest`. */
const napMs = 5;
const stepsPerClimb = 5;
const quickSteps = 3;
const mostAtFirst = 4_000;

export interface Climb {
  /** Deliveries a second of the first step, over all clients. */
  readonly fromPerSecond: number;
  readonly factor: number;
  /** A step whose p99 is above this is not held. */
  readonly maxP99Ms: number;
}

/** The result of one step. */
export interface Step {
  readonly ticksPerSecond: number;
  readonly measured: Measured;
  readonly isHeld: boolean;
}

/**
 * Offers more and more until the server no longer keeps up. Returns the step to report: the highest rate that was
 * held, or where a server that just falls behind delivered most.
 */
export const climb = async (
  bench: Bench,
  stage: Stage,
  label: Omit<RunLabel, 'load'>,
  { fromPerSecond, factor, maxP99Ms }: Climb,
): Promise<readonly Step[]> => {
  const steps: Step[] = [];
  // With few clients it is the ticks themselves that cost, not the writes.
  let ticksPerSecond = Math.min(mostAtFirst, Math.max(1, Math.round(fromPerSecond / label.clients)));
  for (let step = 0; step < (bench.options.isQuick ? quickSteps : stepsPerClimb); step += 1) {
    const measured = await stage.measure(paced(bench, ticksPerSecond, { napMs, settleMs: 300 }));
    const { window } = measured;
    const delivered = window.ticks / window.seconds / label.clients;
    const hasFallenBehind = delivered < 0.98 * ticksPerSecond;
    const isHeld = !hasFallenBehind && window.latencyMs.p99 <= maxP99Ms && window.faults.gaps === 0;
    steps.push({ ticksPerSecond, measured, isHeld });
    // Other processes may cause one bad window; a backlog would spoil the next step.
    if (hasFallenBehind || (!isHeld && steps.at(-2)?.isHeld === false)) break;
    ticksPerSecond = Math.round(ticksPerSecond * factor);
  }
  return steps;
};

/** Where most arrived; of those the server held, if it held any. */
export const bestStep = (steps: readonly Step[], mustBeHeld: boolean): Step | undefined => {
  const held = steps.filter(({ isHeld }) => isHeld);
  const from = mustBeHeld && held.length > 0 ? held : steps;
  return from.reduce<Step | undefined>(
    (best, step) => (best === undefined || rateOf(step) > rateOf(best) ? step : best),
    undefined,
  );
};

const rateOf = ({ measured: { window } }: Step): number => window.ticks / window.seconds;
