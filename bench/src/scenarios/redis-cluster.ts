import type { Scenario } from '../bench.js';
import { sampleProcess } from '../host/process-sample.js';
import { tickwirePeer } from '../peers/tickwire.js';
import { ratio, select } from '../report/query.js';
import type { Figures } from '../report/run.js';
import { atMost } from '../report/target.js';
import { atRate, paced } from './loads.js';

const name = 'redis-cluster';
const channels = 200;
const ticksPerSecond = 4_000;
const burst = 200;
const load = `${atRate(ticksPerSecond)} in bursts of ${burst}`;
/** Few clients: this measures Redis, the publisher and what a gateway pays to receive. */
const clients = 4;
const peerOf = (masters: number): string => `tickwire, ${masters} master${masters === 1 ? '' : 's'}`;

/** What a message costs the masters, all together and the busiest of them. */
export const figuresOfMasters = (cpuSeconds: readonly number[], messages: number): Figures => ({
  redisUsPerMessage: (cpuSeconds.reduce((sum, value) => sum + value, 0) * 1e6) / messages,
  busiestRedisUsPerMessage: (Math.max(...cpuSeconds) * 1e6) / messages,
});

/** The cost of a message for all masters, and for the busiest one: more masters must not make it larger. */
export const redisCluster: Scenario = {
  name,
  title: 'Redis Cluster with sharded pub/sub: CPU a message at 4 masters beside 1',
  isLong: true,

  async run(bench) {
    const masters = [1, 4];
    const peers = masters.map((count) => tickwirePeer({ name: peerOf(count) }));
    await bench.eachRound(peers, async (peer, round) => {
      const redis = await bench.startRedisCluster(masters[peers.indexOf(peer)] ?? 1);
      try {
        await bench.withStage({ peer, clients, channels, redis }, async (stage) => {
          const cpuOf = (): readonly number[] => redis.pids.map((pid) => sampleProcess(pid).cpuSeconds ?? Number.NaN);
          const before = cpuOf();
          const asked = paced(bench, ticksPerSecond, { burst });
          await bench.measure(stage, { peer: peer.name, clients, channels, load, round }, asked, ({ publisher }) => {
            // Both figures include the warm-up.
            const used = cpuOf().map((after, index) => after - (before[index] ?? Number.NaN));
            return {
              ...figuresOfMasters(used, publisher.ticks),
              publisherUsPerMessage: (publisher.cpu * publisher.seconds * 1e6) / publisher.ticks,
            };
          });
        });
      } finally {
        await redis.close();
      }
    });
  },

  targets(runs) {
    const of = (masters: number) => select(runs, { scenario: name, peer: peerOf(masters) });
    return [
      atMost(
        'Redis Cluster, 4 masters: CPU a message of all, to 1 master',
        2,
        'x',
        ratio(of(4), of(1), 'redisUsPerMessage'),
      ),
      atMost(
        'Redis Cluster, 4 masters: CPU a message of the busiest, to 1 master',
        0.5,
        'x',
        ratio(of(4), of(1), 'busiestRedisUsPerMessage'),
      ),
    ];
  },
};
