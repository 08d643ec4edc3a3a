import type { Bench, Scenario } from '../bench.js';
import { allPeers, expectedPerSecond } from '../peers/all.js';
import { fairnessOf, figuresOf, notesOf, rssPerClient } from '../report/figures-of.js';
import type { Measured, Stage } from '../stage.js';
import { bestStep, climb } from './climb.js';
import { atRate, paced } from './loads.js';

const everyClients = [100, 1_000, 5_000, 10_000];
const everyRate = [1, 20, 100, 1_000];
/** A server that only falls behind gets a little more than it can deliver; one that coalesces gets much more. */
const factor = 1.5;

/** All servers, all sizes, paced and saturated. */
export const fanOut: Scenario = {
  name: 'fan-out',
  title: 'Fan-out: paced and saturated',
  isLong: true,

  async run(bench) {
    for (const clients of bench.possibleClients(everyClients)) {
      for (const channels of [1, 20]) {
        await bench.eachRound(allPeers(), (peer, round) =>
          bench.withStage({ peer, clients, channels }, async (stage) => {
            const label = { peer: peer.name, clients, channels, round };
            await measurePaced(bench, stage, label, everyRate);
            await measureSaturated(bench, stage, label);
          }),
        );
      }
    }
  },

  targets: () => [],
};

type StageLabel = {
  readonly peer: string;
  readonly clients: number;
  readonly channels: number;
  readonly round: number;
};

const measurePaced = async (bench: Bench, stage: Stage, label: StageLabel, rates: readonly number[]): Promise<void> => {
  const expected = (expectedPerSecond[label.peer] ?? 0) / label.clients;
  for (const ticksPerSecond of rates) {
    const load = atRate(ticksPerSecond);
    // Its backlog would spoil the next run.
    if (ticksPerSecond > 2 * expected) {
      bench.omit(`${label.peer}, ${label.clients} clients, ${load}`, 'beyond what it can deliver: see saturated');
      continue;
    }
    const more = (measured: Measured) => ({ ...fairnessOf(measured), rssPerClientBytes: rssPerClient(stage) });
    const { missing } = await bench.measure(stage, { ...label, load }, paced(bench, ticksPerSecond), more);
    if (missing > 0) return;
  }
};

const measureSaturated = async (bench: Bench, stage: Stage, label: StageLabel): Promise<void> => {
  const fromPerSecond = expectedPerSecond[label.peer] ?? 50_000;
  const steps = await climb(bench, stage, label, { fromPerSecond, factor, maxP99Ms: Number.POSITIVE_INFINITY });
  const best = bestStep(steps, false);
  if (best === undefined) return;
  const offered = best.ticksPerSecond * label.clients;
  const figures = {
    ...figuresOf(best.measured, offered),
    ...fairnessOf(best.measured),
    rssPerClientBytes: rssPerClient(stage),
  };
  bench.file({ ...label, load: 'saturated' }, figures, notesOf(best.measured));
};
