import type { Scenario } from '../bench.js';
import { cFloorPeer } from '../peers/c-floor.js';
import { naiveWsPeer } from '../peers/node-servers.js';
import { rivals } from '../peers/rivals.js';
import { tickwireCentrifugePeer, tickwirePeer } from '../peers/tickwire.js';
import { ratio, select } from '../report/query.js';
import { atMost } from '../report/target.js';
import { atRate, paced } from './loads.js';

const name = 'quiet';
const ticksPerSecond = 20;
/** Some hundred ticks: with fewer, one tick would be the p99. */
const seconds = 6;

/** One client and little to do: how long a tick takes from before it is published until it is read. */
export const quiet: Scenario = {
  name,
  title: `1 client, ${ticksPerSecond} ticks/s: from before the publish until it is read, through Redis`,
  isLong: true,

  async run(bench) {
    const peers = [tickwirePeer(), tickwireCentrifugePeer(), ...rivals(), naiveWsPeer(), cFloorPeer()];
    await bench.eachRound(peers, (peer, round) =>
      bench.withStage({ peer, clients: 1, channels: 1 }, async (stage) => {
        const label = { peer: peer.name, clients: 1, channels: 1, round, load: atRate(ticksPerSecond) };
        const load = paced(bench, ticksPerSecond, { seconds: bench.options.isQuick ? 2 : seconds });
        // If ticks were stamped with the time when they were due, the publisher's timer would be most of their latency.
        await bench.measure(stage, label, { ...load, stampsWhenSent: true });
      }),
    );
  },

  targets(runs) {
    const of = (peer: string) => select(runs, { scenario: name, peer });
    const toCentrifugo = (peer: string) => ratio(of(peer), of('Centrifugo'), 'p50Ms');
    return [
      atMost('1 client, 20 ticks/s: p50 to Centrifugo', 1.1, 'x', toCentrifugo('tickwire')),
      atMost(
        '1 client, 20 ticks/s, the same protocol: p50 to Centrifugo',
        1.1,
        'x',
        toCentrifugo('tickwire, Centrifuge'),
      ),
    ];
  },
};
