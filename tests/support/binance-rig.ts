import type { Message } from '@tickwire/channel-layer';
import { openPublished } from './published.js';
import { recordedFile } from './recordings.js';
import { startRedisServer } from './redis-server.js';
import { startTcpProxy } from './tcp-proxy.js';
import { startTickwire, type TickwireProcess } from './tickwire-process.js';
import { waitFor } from './wait-for.js';

const recording = 'binance-spot-btcusdt_20240809.ws.gz';
const symbol = 'BTC-USDT';
/** As many messages as history keeps of a channel. */
const historySize = 10_000;

export type Kind = 'trade' | 'ticker' | 'bar-1s' | 'bar-1m';

/**
 * A producer that replays a recording of Binance, or simulates where there is none, and two gateways, all in processes
 * of their own over Redis, behind one address.
 */
export interface BinanceRig extends AsyncDisposable {
  readonly port: number;
  /** `http:`, the address of them all. */
  readonly url: string;
  /** Kills the gateway behind the address without a goodbye; the address leads to another from then on. */
  failOver(): Promise<void>;
  /** All that history holds of a channel, oldest first. */
  published(kind: Kind): Promise<readonly Message[]>;
}

export const startBinanceRig = async (): Promise<BinanceRig> => {
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
    const startGateway = async (): Promise<TickwireProcess> => use(await startTickwire('gateway', { REDIS_URL }));
    let serving = await startGateway();
    let next = await startGateway();
    const proxy = use(await startTcpProxy(serving.port));
    const history = use(await openPublished(redis.port));
    const file = recordedFile(recording);
    if (file === undefined) process.stderr.write('no recording beside this checkout: simulating a market\n');
    const feed = file === undefined ? { SYMBOLS: symbol, SIM_RATE: '30' } : { FEED: 'replay', REPLAY_FILE: file };
    use(await startTickwire('producer', { REDIS_URL, ...feed }));
    const channel = (kind: Kind): string => `${kind}.${file === undefined ? 'sim' : 'binance'}.${symbol}`;
    await waitFor('a ticker and a bar', async () => {
      const tops = await Promise.all((['ticker', 'bar-1s'] as const).map((kind) => history.top(channel(kind))));
      return tops.every((seq) => seq > 0);
    });

    return {
      port: proxy.port,
      url: proxy.url,
      async failOver() {
        const killed = serving;
        serving = next;
        // As a balancer does that tries the next one at once.
        proxy.target = serving.port;
        await killed.stop('SIGKILL');
        next = await startGateway();
      },
      async published(kind) {
        const top = await history.top(channel(kind));
        return history.range(channel(kind), Math.max(1, top - historySize + 1), top);
      },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
};
