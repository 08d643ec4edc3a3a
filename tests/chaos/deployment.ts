import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../support/free-port.js';
import { findHaproxy, startHaproxy } from '../support/haproxy.js';
import { urlFor } from '../support/limited-users.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { startTroubledLink, type TroubledLink } from '../support/troubled-link.js';
import { waitFor } from '../support/wait-for.js';
import { askReadiness } from './ask-readiness.js';
import { createMember, type Member } from './member.js';
import type { LinkName } from './plan.js';

export interface DeploymentOptions {
  /** For the producers' logs. */
  readonly folder: string;
  readonly symbols: readonly string[];
  /** For each symbol. */
  readonly tradesPerSecond: number;
  readonly seed: string;
  readonly gateways: number;
  readonly producers: number;
  readonly drainMs: number;
}

/** Where clients find the gateways. */
export interface GatewayUrls {
  readonly straight: readonly string[];
  /** Each over a link that can be troubled. */
  readonly linked: readonly string[];
  /** Any of them, through HAProxy; none where that is not installed. */
  readonly balanced: readonly string[];
}

/** Redis, producers and gateways, each its own process, with a link that can be troubled before each of them. */
export interface Deployment extends AsyncDisposable {
  readonly redis: RedisServer;
  readonly admin: Redis;
  readonly gateways: readonly Member[];
  readonly producers: readonly Member[];
  readonly urls: GatewayUrls;
  link(name: LinkName): TroubledLink;
  /** Resolves with the producer that leads, once one says so. */
  leader(): Promise<Member>;
  /** What producers noted, by their processes. */
  readonly publishLogs: readonly string[];
}

const leaderMs = 20_000;

/** Resolves once everything runs and one producer leads. */
export const startDeployment = async (options: DeploymentOptions): Promise<Deployment> => {
  const owned = createOwned();
  try {
    return await start(options, owned);
  } catch (error) {
    await owned.close();
    throw error;
  }
};

const start = async (options: DeploymentOptions, owned: Owned): Promise<Deployment> => {
  const { folder, symbols, tradesPerSecond, seed, drainMs } = options;
  const redis = owned.add(await startRedisServer({ args: ['--appendonly', 'yes'] }));
  const admin = new Redis(urlFor('operator', redis.url), { retryStrategy: () => 50, maxRetriesPerRequest: null });
  admin.on('error', () => {});
  owned.add({ [Symbol.asyncDispose]: async () => admin.disconnect() });

  const links = new Map<string, TroubledLink>();
  const addLink = async (side: LinkName['side'], index: number, port: number): Promise<TroubledLink> => {
    const link = owned.add(await startTroubledLink(port));
    links.set(`${side} ${index}`, link);
    return link;
  };
  const redisUrl = ({ port }: TroubledLink): string => `redis://127.0.0.1:${port}`;

  const beganMs = Date.now();
  const publishLogs: string[] = [];
  const producers: Member[] = [];
  for (let index = 0; index < options.producers; index += 1) {
    const link = await addLink('producer', index, redis.port);
    const name = `producer-${index}`;
    producers.push(
      createMember({
        name,
        app: 'producer',
        variables(start) {
          const log = join(folder, `${name}-${start}.published`);
          publishLogs.push(log);
          return {
            REDIS_URL: redisUrl(link),
            SYMBOLS: symbols.join(),
            SIM_RATE: String(tradesPerSecond),
            SIM_SEED: seed,
            SIM_BEGAN_MS: String(beganMs),
            PUBLISH_LOG: log,
            MAX_BUFFERED: '1000000',
          };
        },
      }),
    );
  }

  const gateways: Member[] = [];
  const ports: number[] = [];
  const straight: string[] = [];
  const linked: string[] = [];
  for (let index = 0; index < options.gateways; index += 1) {
    const link = await addLink('gateway', index, redis.port);
    const port = await freePort();
    ports.push(port);
    const clients = await addLink('client', index, port);
    straight.push(`ws://127.0.0.1:${port}`);
    linked.push(`ws://127.0.0.1:${clients.port}`);
    gateways.push(
      createMember({
        name: `gateway-${index}`,
        app: 'gateway',
        // What is skipped because of its age is said, and counted here: as in production, unlike in tests that want all.
        variables: () => ({
          REDIS_URL: redisUrl(link),
          PORT: String(port),
          DRAIN_MS: String(drainMs),
          MAX_STALE_MS: '2000',
        }),
      }),
    );
  }

  for (const member of [...producers, ...gateways]) owned.add(member);
  for (const producer of producers) await producer.start();
  await Promise.all(gateways.map((gateway) => gateway.start()));
  const haproxy = findHaproxy();
  const balancer = haproxy === undefined ? undefined : owned.add(await startHaproxy(haproxy, ports));
  const balanced = balancer === undefined ? [] : [`ws://127.0.0.1:${balancer.port}`];

  const isLeading = async ({ process }: Member): Promise<boolean> => {
    const readiness = await askReadiness(process.port);
    return readiness?.['role'] === 'leader';
  };
  const leader = (): Promise<Member> =>
    waitFor(
      'a leader',
      async () => {
        for (const producer of producers) if (await isLeading(producer)) return producer;
        return undefined;
      },
      leaderMs,
    );
  await leader();

  return {
    redis,
    admin,
    gateways,
    producers,
    urls: { straight, linked, balanced },
    publishLogs,
    leader,
    link({ side, index }) {
      const link = links.get(`${side} ${index}`);
      if (link === undefined) throw new Error(`no link ${side} ${index}`);
      return link;
    },
    [Symbol.asyncDispose]: owned.close,
  };
};

interface Owned {
  add<T extends AsyncDisposable>(item: T): T;
  /** The last one first. */
  close(): Promise<void>;
}

const createOwned = (): Owned => {
  const items: AsyncDisposable[] = [];
  return {
    add(item) {
      items.push(item);
      return item;
    },
    async close() {
      for (let item = items.pop(); item !== undefined; item = items.pop()) await item[Symbol.asyncDispose]();
    },
  };
};
