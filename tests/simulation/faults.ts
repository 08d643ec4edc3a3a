import type { Random } from '@tickwire/protocol/testing';
import type { Cluster } from './cluster.js';
import type { RedisLink } from './redis-link.js';

/** What may go wrong, each for some virtual seconds. */
type Fault = (cluster: Cluster, random: Random, forMs: number) => void;

const someLink = ({ producers, gateways }: Cluster, random: Random): RedisLink =>
  random.pick([...producers, ...gateways]).link;

const heal = (link: RedisLink): void => {
  link.isHalfOpen = false;
  link.isDeaf = false;
  link.cut(100);
};

/** Everybody loses the connection, and Redis with it what `lose` says. */
const restart = ({ time, redis, allLinks }: Cluster, forMs: number, lose: () => void): void => {
  redis.isDown = true;
  for (const link of allLinks()) link.cut(50);
  time.world(forMs / 2, () => {
    lose();
    redis.isDown = false;
  });
};

const send = ({ redis }: Cluster, group: string, fields: Readonly<Record<string, unknown>>): void =>
  redis.publish(group, { type: 'price.trade', ...fields });

const faults = {
  'redis-restart': (cluster, _random, forMs) => restart(cluster, forMs, () => {}),
  'redis-older': (cluster, random, forMs) =>
    restart(cluster, forMs, () => cluster.redis.forgetNewest(random.below(cluster.redis.writes() + 1))),
  'redis-empty': (cluster, _random, forMs) => restart(cluster, forMs, cluster.redis.flush),
  failover: (cluster, random) => restart(cluster, 200, () => cluster.redis.forgetNewest(random.below(5))),
  'flush-all': ({ redis }) => redis.flush(),
  'redis-hangs': ({ redis, time }, _random, forMs) => {
    redis.hungUntil = time.now() + forMs;
  },
  'read-only': ({ redis, time, allLinks }, _random, forMs) => {
    redis.isReadOnly = true;
    time.world(forMs, () => {
      redis.isReadOnly = false;
      for (const link of allLinks()) link.cut(20);
    });
  },
  'out-of-memory': ({ redis, time }, _random, forMs) => {
    redis.isFull = true;
    time.world(forMs, () => {
      redis.isFull = false;
    });
  },
  'evict-messages': ({ redis, market }, random) => redis.evict(random.pick(market.groups), 'messages'),
  'evict-group': ({ redis, market }, random) => redis.evict(random.pick(market.groups), 'everything'),
  'foreign-key': ({ redis, market, time }, random, forMs) => {
    const group = random.pick(market.groups);
    redis.evict(group, 'everything');
    redis.foreign.add(group);
    time.world(forMs / 2, () => redis.foreign.delete(group));
  },
  'link-cut': (cluster, random, forMs) => someLink(cluster, random).cut(forMs / 4),
  'half-open': (cluster, random, forMs) => {
    const link = someLink(cluster, random);
    link.isHalfOpen = true;
    cluster.time.world(forMs, () => heal(link));
  },
  deaf: (cluster, random, forMs) => {
    const { link } = random.pick(cluster.gateways);
    link.isDeaf = true;
    cluster.time.world(forMs, () => {
      // Some hear again without ever knowing that they did not.
      if (random.chance(0.5)) link.isDeaf = false;
      else heal(link);
    });
  },
  'lost-replies': (cluster, random, forMs) => {
    const link = someLink(cluster, random);
    link.lostReplies = 0.5;
    cluster.time.world(forMs, () => {
      link.lostReplies = 0;
    });
  },
  'late-replies': (cluster, random, forMs) => {
    const link = someLink(cluster, random);
    link.lateMs = 2 * forMs;
    cluster.time.world(forMs, () => {
      link.lateMs = 0;
    });
  },
  'pause-producer': ({ time, producers }, random, forMs) => {
    random.pick(producers).process.pauseUntil(time.now() + 1.5 * forMs);
  },
  'pause-gateway': ({ time, gateways }, random, forMs) => {
    random.pick(gateways).process.pauseUntil(time.now() + forMs);
  },
  'wall-step': ({ producers, gateways }, random) => {
    random.pick([...producers, ...gateways]).process.wallAheadMs += (random.next() - 0.5) * 7_200_000;
  },
  'kill-producer': (cluster, random, forMs) => cluster.replaceProducer(random.below(2), 'kill', forMs / 4),
  'stop-producer': (cluster, random, forMs) => cluster.replaceProducer(random.below(2), 'close', forMs / 4),
  'kill-gateway': (cluster, random, forMs) => cluster.replaceGateway(random.below(3), 'kill', forMs / 4),
  'drain-gateway': (cluster, random, forMs) => cluster.replaceGateway(random.below(3), 'drain', forMs / 4),
  'slow-clients': ({ clients, time }, random, forMs) => {
    for (const client of clients) {
      if (!random.chance(0.3)) continue;
      client.block();
      time.world(random.next() * forMs, client.unblock);
    }
  },
  'clients-leave': ({ clients }, random) => {
    for (const client of clients) if (random.chance(0.3)) client.disconnect();
  },
  forged: (cluster, random) => {
    const group = random.pick(cluster.market.groups);
    const known = cluster.newestOf(group);
    if (known === undefined) return;
    const far = { seq: Number(known['seq']) + 1_000 + random.below(1_000), epoch: known['epoch'] };
    send(cluster, group, { isForged: true, ...far });
    send(cluster, group, { isForeign: true, seq: 1 + random.below(100), epoch: 'elsewhere' });
  },
  malformed: (cluster, random) => {
    const group = random.pick(cluster.market.groups);
    const epoch = random.pick<unknown>([cluster.newestOf(group)?.['epoch'], 7, null, '']);
    const seq = random.pick<unknown>([0, -1, 1.5, Number.NaN, '5', undefined, Number.MAX_VALUE]);
    send(cluster, group, { isForeign: true, seq, epoch });
  },
  repeated: (cluster, random) => {
    const { published } = cluster;
    const again = published[random.below(published.length)];
    if (again !== undefined) cluster.redis.publish(again.group, again.message);
  },
} satisfies Record<string, Fault>;

export type FaultKind = keyof typeof faults;
export const faultKinds = Object.keys(faults) as readonly FaultKind[];

/** Those that lose data, and those that delay what is known of it: together they meet more often than among all. */
export const lossKinds: readonly FaultKind[] = [
  ...(['redis-older', 'failover', 'flush-all', 'evict-group', 'evict-messages'] as const),
  ...(['pause-producer', 'kill-producer', 'stop-producer', 'half-open', 'late-replies'] as const),
  ...(['lost-replies', 'foreign-key', 'link-cut', 'forged'] as const),
];

export const inflict = (kind: FaultKind, cluster: Cluster, random: Random, forMs: number): void => {
  const fault: Fault = faults[kind];
  fault(cluster, random, forMs);
};
