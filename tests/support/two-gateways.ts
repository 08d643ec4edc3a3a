import { openPublished, type Published } from './published.js';
import { startRedisServer } from './redis-server.js';
import { startTcpProxy, type TcpProxy } from './tcp-proxy.js';
import { startTickwire } from './tickwire-process.js';
import { waitFor } from './wait-for.js';

/** A producer and two gateways over Redis, in processes of their own, behind one address that leads to the first. */
export interface TwoGateways extends AsyncDisposable {
  readonly proxy: TcpProxy;
  readonly published: Published;
  /**
   * Kills the gateway behind the address, without a goodbye, and leads the address to the other one once so many more
   * messages of the channel were published.
   */
  failOver(channel: string, missed: number): Promise<void>;
}

export const startTwoGateways = async (symbols: string): Promise<TwoGateways> => {
  const opened: AsyncDisposable[] = [];
  const use = <T extends AsyncDisposable>(resource: T): T => {
    opened.push(resource);
    return resource;
  };
  const dispose = async (): Promise<void> => {
    for (const resource of opened.reverse()) await resource[Symbol.asyncDispose]();
  };
  try {
    const redis = use(await startRedisServer());
    const REDIS_URL = redis.url;
    use(await startTickwire('producer', { REDIS_URL, SYMBOLS: symbols, SIM_RATE: '40' }));
    const first = use(await startTickwire('gateway', { REDIS_URL }));
    const second = use(await startTickwire('gateway', { REDIS_URL }));
    const proxy = use(await startTcpProxy(first.port));
    const published = use(await openPublished(redis.port));
    return {
      proxy,
      published,
      async failOver(channel, missed) {
        await first.stop('SIGKILL');
        const before = await published.top(channel);
        await waitFor('messages to be missed', async () => (await published.top(channel)) >= before + missed);
        proxy.target = second.port;
      },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
};
