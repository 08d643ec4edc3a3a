import type { Scenario } from '../bench.js';
import { tickwirePeer } from '../peers/tickwire.js';
import { atRate, paced } from './loads.js';

const channels = 20;
const ticksPerSecond = 500;

/** What compression and batches cost, and what they save. */
export const compression: Scenario = {
  name: 'compression',
  title: 'Price and gain of COMPRESSION=on and ?batch=1',

  async run(bench) {
    const env = { COMPRESSION: 'on', MIN_PASS_MS: '50' };
    const batch = '&batch=1';
    const all = [
      tickwirePeer({ name: 'plain', env }),
      tickwirePeer({ name: 'batch', env, query: batch }),
      tickwirePeer({ name: 'plain, deflated', env, offersDeflate: true }),
      tickwirePeer({ name: 'batch, deflated', env, query: batch, offersDeflate: true }),
    ];
    const peers = bench.options.isQuick ? all.filter((_, at) => at === 0 || at === all.length - 1) : all;
    for (const clients of bench.possibleClients([1_000])) {
      await bench.eachRound(peers, (peer, round) =>
        bench.withStage({ peer, clients, channels }, async (stage) => {
          const label = { peer: peer.name, clients, channels, round, load: `${atRate(ticksPerSecond)}, 50 ms passes` };
          await bench.measure(stage, label, paced(bench, ticksPerSecond));
        }),
      );
    }
  },

  targets: () => [],
};
