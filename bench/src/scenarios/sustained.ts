import type { Scenario } from '../bench.js';
import type { Peer } from '../peers/peer.js';
import { tickwirePeer } from '../peers/tickwire.js';
import { figure, select } from '../report/query.js';
import { atLeast, atMost } from '../report/target.js';
import { atRate, paced } from './loads.js';

const name = 'sustained';
const channels = 20;
const high = 5_000;
const low = 200;
const pacedName = 'tickwire, 50 ms passes';

/** The rates that the product is made for, with the whole way through Redis. */
export const sustained: Scenario = {
  name,
  title: `${channels} channels through Redis, one gateway core`,

  async run(bench) {
    const seconds = bench.options.isQuick ? 2 : Math.max(10, bench.options.seconds);
    for (const clients of bench.possibleClients([1_000])) {
      const peers: readonly Peer[] = [tickwirePeer(), tickwirePeer({ name: pacedName, env: { MIN_PASS_MS: '50' } })];
      await bench.eachRound(peers, (peer, round) =>
        bench.withStage({ peer, clients, channels }, async (stage) => {
          const label = { peer: peer.name, clients, channels, round };
          for (const ticksPerSecond of [low, high]) {
            const napMs = ticksPerSecond === high ? 5 : 0;
            const load = paced(bench, ticksPerSecond, { seconds, napMs, settleMs: 2_000 });
            await bench.measure(stage, { ...label, load: atRate(ticksPerSecond) }, load);
          }
        }),
      );
    }
  },

  targets(runs) {
    const of = (peer: string, rate: number) => select(runs, { scenario: name, peer, load: atRate(rate) });
    const atHigh = of('tickwire', high);
    const offered = figure(atHigh, 'offeredPerSecond')?.median ?? Number.POSITIVE_INFINITY;
    const delivered = figure(atHigh, 'deliveredPerSecond');
    const share = delivered && {
      min: delivered.min / offered,
      median: delivered.median / offered,
      max: delivered.max / offered,
    };
    return [
      atLeast(`${high} ticks/s in all: delivered of what was offered`, 0.99, '', share),
      atMost(`${high} ticks/s in all: ticks lost`, 0, '', figure(atHigh, 'lost')),
      atMost(
        `${high} ticks/s in all, MIN_PASS_MS=50: of the gateway's core`,
        0.6,
        '',
        figure(of(pacedName, high), 'serverCpu'),
      ),
      atMost(`${low} ticks/s in all: p99 latency`, 20, 'ms', figure(of('tickwire', low), 'p99Ms')),
    ];
  },
};
