import type { Scenario } from '../bench.js';
import { processTree } from '../host/process-sample.js';
import { tickwirePeer } from '../peers/tickwire.js';
import { figuresOf, notesOf } from '../report/figures-of.js';
import { ratio, select } from '../report/query.js';
import { atLeast } from '../report/target.js';
import { bestStep, climb } from './climb.js';
import { paced } from './loads.js';

const name = 'workers';
const channels = 20;
const one = 'tickwire, 1 worker';
const two = 'tickwire, 2 workers';
const saturated = 'saturated';
const writesPerSecond = 20_000;
const fromPerSecond = 4_000_000;
const factor = 1.4;

const workersPeer = (peer: string, workers: number) =>
  tickwirePeer({ name: peer, env: { GATEWAY_WORKERS: String(workers) } });

/** One gateway with two workers beside one with one, both free to use two cores. */
export const workers: Scenario = {
  name,
  title: 'GATEWAY_WORKERS=2 beside 1: what two cores deliver, and what a delivery costs',
  isLong: true,

  async run(bench) {
    for (const clients of bench.possibleClients([1_000])) {
      await bench.eachRound([workersPeer(one, 1), workersPeer(two, 2)], (peer, round) =>
        bench.withStage({ peer, clients, channels, usesPair: true }, async (stage) => {
          // The first of them only starts the others.
          if (peer.name === two && processTree(stage.serverPid).length < 3) {
            bench.omit(peer.name, 'this gateway runs in one process whatever GATEWAY_WORKERS is');
            return;
          }
          const label = { peer: peer.name, clients, channels, round };
          await bench.measure(stage, { ...label, load: '1 tick a write' }, paced(bench, writesPerSecond / clients));
          const steps = await climb(bench, stage, label, {
            fromPerSecond,
            factor,
            maxP99Ms: Number.POSITIVE_INFINITY,
          });
          const best = bestStep(steps, false);
          if (best === undefined) return;
          const figures = figuresOf(best.measured, best.ticksPerSecond * clients);
          bench.file({ ...label, load: saturated }, figures, notesOf(best.measured));
        }),
      );
    }
  },

  targets(runs) {
    const of = (peer: string) => select(runs, { scenario: name, peer, load: saturated });
    return [atLeast('2 workers: ticks delivered/s to 1', 1.6, 'x', ratio(of(two), of(one), 'deliveredPerSecond'))];
  },
};
