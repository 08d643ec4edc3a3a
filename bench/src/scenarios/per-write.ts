import type { Scenario } from '../bench.js';
import { cCoalescingPeer, cFloorPeer } from '../peers/c-floor.js';
import { bareNetPeer, naiveWsPeer } from '../peers/node-servers.js';
import { rivals } from '../peers/rivals.js';
import { tickwireCentrifugePeer, tickwirePeer } from '../peers/tickwire.js';
import { ratio, select } from '../report/query.js';
import { atLeast, atMost } from '../report/target.js';
import { paced, withTicksAWrite } from './loads.js';

const name = 'per-write';
/** Well below the limit of the slowest server: 50 passes a second over all clients. */
const writesPerSecond = 50_000;
const bursts = [4, 16, 64];

const loadOf = (burst: number): string => (burst === 1 ? '1 tick a write' : `${burst} ticks a write`);

/** What a write costs, with one tick in it and with several, beside a server that is nothing but system calls. */
export const perWrite: Scenario = {
  name,
  title: 'Cost of a write: the same number of ticks in each, below saturation',

  async run(bench) {
    const { isQuick } = bench.options;
    for (const clients of bench.possibleClients([1_000])) {
      const bursts_ = isQuick ? [16] : bursts;
      const peers = [
        ...[tickwirePeer(), ...(isQuick ? [] : [tickwireCentrifugePeer()]), ...rivals()],
        ...[cFloorPeer(), cCoalescingPeer(), bareNetPeer(), naiveWsPeer()],
      ];
      await bench.eachRound(peers, (peer, round) =>
        bench.withStage({ peer, clients, channels: 1 }, async (stage) => {
          const passes = writesPerSecond / clients;
          const canCoalesce = peer.name === 'tickwire' || peer.name === 'C coalescing';
          for (const burst of [...(peer.name === 'C coalescing' ? [] : [1]), ...(canCoalesce ? bursts_ : [])]) {
            const label = { peer: peer.name, clients, channels: 1, round, load: loadOf(burst) };
            await bench.measure(stage, label, paced(bench, passes * burst, { burst }));
          }
        }),
      );
    }
  },

  targets(runs) {
    const of = (peer: string, burst: number) =>
      withTicksAWrite(select(runs, { scenario: name, peer, load: loadOf(burst) }), burst);
    const ours = of('tickwire', 1);
    return [
      atMost(
        'CPU per delivery, one tick a write, to the C floor',
        1.35,
        'x',
        ratio(ours, of('C floor', 1), 'cpuUsPerTick'),
      ),
      atMost(
        'CPU per delivery, one tick a write, to naive ws',
        0.8,
        'x',
        ratio(ours, of('naive ws', 1), 'cpuUsPerTick'),
      ),
      atMost(
        'CPU per delivery, one tick a write, to Centrifugo in the same protocol',
        0.75,
        'x',
        ratio(of('tickwire, Centrifuge', 1), of('Centrifugo', 1), 'cpuUsPerTick'),
      ),
      ...bursts.map((burst) =>
        atLeast(
          `ticks a core delivers, ${loadOf(burst)}, to the C floor that coalesces alike`,
          0.65,
          'x',
          ratio(of('tickwire', burst), of('C coalescing', burst), 'ticksPerCpuSecond'),
        ),
      ),
    ];
  },
};
