import type { Message } from '@tickwire/channel-layer';
import { recordedFile } from './recordings.js';
import { startTwoGateways } from './two-gateways.js';
import { waitFor } from './wait-for.js';

const recording = 'binance-spot-btcusdt_20240809.ws.gz';
const symbol = 'BTC-USDT';
/** Number of messages that history keeps of a channel. */
const historySize = 10_000;

export type Kind = 'trade' | 'ticker' | 'bar-1s' | 'bar-1m';

/**
 * A producer that replays a recording of Binance (or simulates, where there is no recording) and two gateways behind
 * one address. Each runs in its own process, over Redis.
 */
export interface BinanceRig extends AsyncDisposable {
  readonly port: number;
  /** The `http:` URL of the address in front of both gateways. */
  readonly url: string;
  /** Kills the gateway behind the address without a goodbye. From then on the address leads to the other one. */
  failOver(): Promise<void>;
  /** Everything that history holds of a channel, oldest first. */
  published(kind: Kind): Promise<readonly Message[]>;
}

export const startBinanceRig = async (): Promise<BinanceRig> => {
  const file = recordedFile(recording);
  if (file === undefined) process.stderr.write('no recording beside this checkout: simulating a market\n');
  const gateways = await startTwoGateways(
    file === undefined ? { SYMBOLS: symbol, SIM_RATE: '30' } : { FEED: 'replay', REPLAY_FILE: file },
  );
  const { published, url, port, failOver } = gateways;
  const channel = (kind: Kind): string => `${kind}.${file === undefined ? 'sim' : 'binance'}.${symbol}`;
  await waitFor('a ticker and a bar', async () => {
    const tops = await Promise.all((['ticker', 'bar-1s'] as const).map((kind) => published.top(channel(kind))));
    return tops.every((seq) => seq > 0);
  });
  return {
    port,
    url,
    failOver: () => failOver(),
    async published(kind) {
      const top = await published.top(channel(kind));
      return published.range(channel(kind), Math.max(1, top - historySize + 1), top);
    },
    [Symbol.asyncDispose]: () => gateways[Symbol.asyncDispose](),
  };
};
