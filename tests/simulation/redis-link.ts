import {
  type GroupLayer,
  type GroupListener,
  type History,
  type LayerEvent,
  LayerUnavailable,
  type Lease,
  type Message,
} from '@tickwire/channel-layer';
import type { Random } from '@tickwire/protocol/testing';
import type { SimulatedProcess } from './simulated-process.js';
import { type SimulatedRedis, type Subscriber, unavailable } from './simulated-redis.js';
import type { VirtualTime } from './virtual-time.js';

export interface RedisLinkOptions {
  readonly process: SimulatedProcess;
  readonly redis: SimulatedRedis;
  readonly time: VirtualTime;
  readonly random: Random;
  readonly leaseMs: number;
}

/** A process's connections to Redis, one for commands and one to listen, and what may happen to them. */
export interface RedisLink {
  readonly history: History;
  readonly lease: Lease;
  readonly layer: Pick<GroupLayer, 'groupListen' | 'groupSend' | 'onEvent' | 'close'>;
  /** Both connections break, and are there again after so many milliseconds. */
  cut(forMs: number): void;
  /** Nothing arrives any more in either direction, and nobody notices: commands run out of time. */
  isHalfOpen: boolean;
  /** Messages to listeners get lost, and nobody notices. */
  isDeaf: boolean;
  /** The share of replies that are lost, and the connection with them, after the command was carried out. */
  lostReplies: number;
  /** Up to so much later than usual do replies arrive. */
  lateMs: number;
}

/** How long a command may take. */
const answerMs = 5_000;
const reconnectMs = 500;

interface Listening {
  readonly group: string;
  readonly listener: GroupListener;
}

export const createRedisLink = ({ process, redis, time, random, leaseMs }: RedisLinkOptions): RedisLink => {
  const listening = new Set<Listening>();
  const eventListeners = new Set<(event: LayerEvent) => void>();
  const groups = new Set<string>();
  /** Changes with each new connection: what was on its way over another one is lost. */
  let connection = 0;
  let isConnected = true;
  let lostAt = 0;
  let askedUntil = 0;
  let answeredUntil = 0;
  let heardUntil = 0;
  const breakers = new Set<(error: Error) => void>();

  const latency = (): number => 0.2 + random.next() * 2;

  const subscriber: Subscriber = {
    groups,
    deliver(group, message) {
      if (link.isDeaf || link.isHalfOpen || process.isDead) return;
      const over = connection;
      // In order, as a connection keeps it.
      heardUntil = Math.max(heardUntil, time.now() + latency());
      time.after(
        heardUntil - time.now(),
        () => {
          if (over !== connection) return;
          for (const entry of listening) if (entry.group === group) entry.listener(message);
        },
        process,
      );
    },
  };
  redis.subscribers.add(subscriber);

  const emit = (event: LayerEvent): void => {
    for (const listener of eventListeners) listener(event);
  };

  /** One command: there, carried out in one step, and back. */
  const call = <T>(act: () => T | Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      if (!isConnected) {
        time.after(0, () => reject(unavailable('not connected')), process);
        return;
      }
      const fail = (error: Error): void => {
        breakers.delete(fail);
        deadline.isCancelled = true;
        reject(error);
      };
      const deadline = time.after(answerMs, () => fail(unavailable('no answer in time')), process);
      breakers.add(fail);
      const over = connection;
      const answer = (settle: () => void): void => {
        if (over !== connection || link.isHalfOpen) return;
        if (random.chance(link.lostReplies)) {
          link.cut(random.next() * reconnectMs);
          return;
        }
        answeredUntil = Math.max(answeredUntil, time.now() + latency() + random.next() * link.lateMs);
        const arrive = (): void => {
          if (over !== connection) return;
          breakers.delete(fail);
          deadline.isCancelled = true;
          settle();
        };
        time.after(answeredUntil - time.now(), arrive, process);
      };
      const carryOut = (): void => {
        if (redis.isDown) return;
        if (redis.hungUntil > time.now()) {
          time.world(redis.hungUntil - time.now(), carryOut);
          return;
        }
        try {
          Promise.resolve(act()).then(
            (value) => answer(() => resolve(value)),
            (error: unknown) => answer(() => reject(error)),
          );
        } catch (error) {
          answer(() => reject(error));
        }
      };
      if (link.isHalfOpen) return;
      askedUntil = Math.max(askedUntil, time.now() + latency());
      time.world(askedUntil - time.now(), carryOut);
    });

  const reconnect = (): void => {
    if (redis.isDown) {
      time.after(random.next() * reconnectMs, reconnect, process);
      return;
    }
    isConnected = true;
    connection += 1;
    link.isHalfOpen = false;
    for (const { group } of listening) groups.add(group);
    if (groups.size > 0) emit({ type: 'restored', groups: [...groups], downMs: time.now() - lostAt });
  };

  const failLayer = (error: unknown): never => {
    throw new LayerUnavailable(error instanceof Error ? error.message : String(error));
  };

  const link: RedisLink = {
    isHalfOpen: false,
    isDeaf: false,
    lostReplies: 0,
    lateMs: 0,
    history: {
      append: (batches, fence) => call(() => redis.append(batches, fence)),
      read: (group, range) => call(() => redis.read(group, range)),
      newest: (names, count) => call(() => redis.newest(names, count)),
    },
    lease: {
      acquire: () => call(() => redis.acquire(process.name, leaseMs)),
      release: () => call(() => redis.release(process.name)),
      holder: () => call(() => redis.holder()),
    },
    layer: {
      async groupSend(group, message: Message) {
        await call(() => redis.publish(group, message)).catch(failLayer);
      },
      async groupListen(group, listener) {
        const entry: Listening = { group, listener };
        listening.add(entry);
        const leave = (): void => {
          listening.delete(entry);
          if (![...listening].some((other) => other.group === group)) groups.delete(group);
        };
        // Acknowledged, or not at all.
        await call(() => void groups.add(group)).catch((error: unknown) => {
          leave();
          return failLayer(error);
        });
        return async () => leave();
      },
      onEvent(listener) {
        eventListeners.add(listener);
        return () => eventListeners.delete(listener);
      },
      async close() {
        redis.subscribers.delete(subscriber);
        listening.clear();
        groups.clear();
      },
    },
    cut(forMs) {
      if (process.isDead) return;
      connection += 1;
      const wasConnected = isConnected;
      isConnected = false;
      groups.clear();
      // The process notices when it runs again.
      time.after(
        latency(),
        () => {
          for (const fail of [...breakers]) fail(unavailable('the connection was lost'));
          if (!wasConnected) return;
          lostAt = time.now();
          const lost = [...new Set([...listening].map(({ group }) => group))];
          emit({ type: 'lost', groups: lost, reason: 'connection lost' });
          time.after(forMs, reconnect, process);
        },
        process,
      );
    },
  };
  return link;
};
