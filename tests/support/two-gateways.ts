import { openPublished, type Published } from './published.js';
import { startRedisServer } from './redis-server.js';
import { startTcpProxy } from './tcp-proxy.js';
import { startTickwire, type TickwireProcess } from './tickwire-process.js';
import { waitFor } from './wait-for.js';

/**
 * A producer and two gateways over Redis, each in its own process, behind one address that leads to one of the
 * gateways.
 */
export interface TwoGateways extends AsyncDisposable {
  /** The port of that address, for all protocols. */
  readonly port: number;
  readonly url: string;
  readonly published: Published;
  /**
   * Kills the gateway behind the address without a goodbye and leads the address to the other one: at once, or when
   * this many more messages of a channel were published. A new gateway replaces the killed one.
   */
  failOver(until?: { readonly channel: string; readonly missed: number }): Promise<void>;
}

/** `feed` has the producer's variables, which choose its feed. */
export const startTwoGateways = async (feed: Readonly<Record<string, string>>): Promise<TwoGateways> => {
  const opened: AsyncDisposable[] = [];
  const use = <T extends AsyncDisposable>(resource: T): T => {
    opened.push(resource);
    return resource;
  };
  const starting: Promise<unknown>[] = [];
  const dispose = async (): Promise<void> => {
    // Also ends one that is still starting.
    await Promise.allSettled(starting);
    for (const resource of opened.reverse()) await resource[Symbol.asyncDispose]();
  };
  try {
    const redis = use(await startRedisServer());
    const REDIS_URL = redis.url;
    const startGateway = (): Promise<TickwireProcess> => {
      const started = startTickwire('gateway', { REDIS_URL }).then(use);
      starting.push(started);
      return started;
    };
    let next = startGateway();
    let [serving] = await Promise.all([startGateway(), next]);
    const proxy = use(await startTcpProxy(serving.port));
    const published = use(await openPublished(redis.port));
    use(await startTickwire('producer', { REDIS_URL, ...feed }));
    return {
      port: proxy.port,
      url: proxy.url,
      published,
      async failOver(until) {
        const killed = serving;
        serving = await next;
        // As a balancer that tries the next gateway at once.
        if (until === undefined) proxy.target = serving.port;
        await killed.stop('SIGKILL');
        if (until !== undefined) {
          const { channel, missed } = until;
          const before = await published.top(channel);
          await waitFor('messages to be missed', async () => (await published.top(channel)) >= before + missed);
          proxy.target = serving.port;
        }
        next = startGateway();
        // The caller that needs it sees the error.
        next.catch(() => undefined);
      },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
};
