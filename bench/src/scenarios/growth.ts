import type { Scenario } from '../bench.js';
import { cFloorPeer } from '../peers/c-floor.js';
import { naiveWsPeer } from '../peers/node-servers.js';
import { tickwirePeer } from '../peers/tickwire.js';
import { type Spread, select, spreadOf } from '../report/query.js';
import type { Run } from '../report/run.js';
import { atMost } from '../report/target.js';
import { paced } from './loads.js';

const name = 'growth';
const load = '1 tick a write, 50,000 writes/s';
const writesPerSecond = 50_000;
const fewest = 100;
const everyClients = [fewest, 1_000, 5_000, 10_000];

/** The same number of writes a second to ever more clients: what a delivery costs should not depend on how many there are. */
export const growth: Scenario = {
  name,
  title: 'Cost of a delivery from 100 to 10,000 clients',
  isLong: true,

  async run(bench) {
    for (const clients of bench.possibleClients(everyClients)) {
      await bench.eachRound([tickwirePeer(), cFloorPeer(), naiveWsPeer()], (peer, round) =>
        bench.withStage({ peer, clients, channels: 1 }, async (stage) => {
          const label = { peer: peer.name, clients, channels: 1, round, load };
          await bench.measure(stage, label, paced(bench, writesPerSecond / clients));
        }),
      );
    }
  },

  targets(runs) {
    const most = runs.length === 0 ? everyClients.at(-1) : Math.max(...runs.map(({ clients }) => clients));
    const what = `growth of CPU per delivery from ${fewest} to ${most} clients, beside the C floor's own`;
    return [atMost(what, 1.3, 'x', growthBeside(runs, most ?? 0, 'tickwire', 'C floor'))];
  },
};

const growthBeside = (runs: readonly Run[], most: number, peer: string, floor: string): Spread | undefined => {
  const costIn = (of: string, clients: number, round: number): number =>
    select(runs, { scenario: name, peer: of, clients }).find((run) => run.round === round)?.figures.cpuUsPerTick ??
    Number.NaN;
  const rounds = [...new Set(runs.map(({ round }) => round))];
  const grown = (of: string, round: number): number => costIn(of, most, round) / costIn(of, fewest, round);
  return spreadOf(rounds.map((round) => grown(peer, round) / grown(floor, round)).filter(Number.isFinite));
};
