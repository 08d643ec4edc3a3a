import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { proveClient, type RawEvent, RawEvents, type SeeingClient } from '../../support/binance-proof.js';
import { type BinanceRig, startBinanceRig } from '../../support/binance-rig.js';
import { pinnedVersion, prove } from '../../support/compatibility.js';
import { isNightly } from '../../support/depth.js';

const require = createRequire(import.meta.url);
const protocol = 'Binance market streams';
const checked = 'trades, tickers and 1 s klines equal what was published; gateway killed, back by itself on another';

/** A raw event or the wrapping of one. */
const unwrapped = (text: string): RawEvent => {
  const message = JSON.parse(text) as RawEvent;
  return (message['data'] as RawEvent | undefined) ?? message;
};

const openBinance = async (url: string): Promise<SeeingClient> => {
  const { WebsocketClient, DefaultLogger } = await import('binance');
  const silent = { ...DefaultLogger, trace() {}, info() {}, error() {} };
  const client = new WebsocketClient({ wsUrl: url, beautify: false }, silent);
  const seen = new RawEvents();
  client.on('message', (event) => seen.add(event as unknown as RawEvent));
  await client.subscribe(['btcusdt@trade', 'btcusdt@ticker', 'btcusdt@kline_1s'], 'main');
  return Object.assign(seen, { [Symbol.asyncDispose]: async () => client.closeAll(true) });
};

const openSpot = async (url: string): Promise<SeeingClient> => {
  // Its logger reads this once, when it is loaded.
  process.env['LOG_LEVEL'] = 'error';
  const { Spot } = await import('@binance/spot');
  const client = new Spot({ configurationWebsocketStreams: { wsURL: url, reconnectDelay: 1_000 } });
  const connection = await client.websocketStreams.connect();
  const seen = new RawEvents();
  connection.trade({ symbol: 'btcusdt' }).on('message', (event) => seen.add(event as unknown as RawEvent));
  connection.ticker({ symbol: 'btcusdt' }).on('message', (event) => seen.add(event as unknown as RawEvent));
  connection
    .kline({ symbol: 'btcusdt', interval: '1s' as never })
    .on('message', (event) => seen.add(event as unknown as RawEvent));
  return Object.assign(seen, { [Symbol.asyncDispose]: () => connection.disconnect() });
};

/** It has no types. */
interface Connector {
  readonly WebsocketStream: new (
    options: object,
  ) => {
    subscribe(streams: string[]): void;
    disconnect(): void;
  };
}

const openConnector = async (url: string): Promise<SeeingClient> => {
  const { WebsocketStream } = require('@binance/connector') as Connector;
  const seen = new RawEvents();
  const silent = { info() {}, debug() {}, warn() {}, error() {}, log() {} };
  const client = new WebsocketStream({
    wsURL: url,
    combinedStreams: true,
    logger: silent,
    callbacks: { message: (text: string) => seen.add(unwrapped(text)) },
  });
  client.subscribe(['btcusdt@trade', 'btcusdt@miniTicker', 'btcusdt@kline_1s']);
  return Object.assign(seen, { [Symbol.asyncDispose]: async () => client.disconnect() });
};

const openNodeApi = async (url: string): Promise<SeeingClient> => {
  const { default: binance } = require('binance-api-node') as { default: typeof import('binance-api-node').default };
  const client = binance({ wsBase: `${url}/ws`, httpBase: url.replace('ws', 'http') });
  const trades: SeeingClient['trades'][number][] = [];
  const tickers: SeeingClient['tickers'][number][] = [];
  const bars: SeeingClient['bars'][number][] = [];
  const stops = [
    client.ws.trades(['BTCUSDT'], ({ tradeId, price, quantity, tradeTime, isBuyerMaker }) => {
      const side = isBuyerMaker ? 'sell' : 'buy';
      trades.push({ id: String(tradeId), price, size: quantity, ts: tradeTime, side });
    }),
    client.ws.ticker('BTCUSDT', ({ eventTime, curDayClose, open, high, low, volume, bestBid, bestAsk }) => {
      const day = { open24h: open, high24h: high, low24h: low, volume24h: volume };
      tickers.push({ pts: eventTime, last: curDayClose, ...day, bid: bestBid, ask: bestAsk });
    }),
    client.ws.candles('BTCUSDT', '1s', ({ eventTime, startTime, open, high, low, close, volume, isFinal }) => {
      bars.push({ pts: eventTime, start: startTime, open, high, low, close, volume, closed: isFinal });
    }),
  ];
  const dispose = async (): Promise<void> => {
    for (const stop of stops) stop({ delay: 0, fastClose: true, keepClosed: true });
  };
  return { trades, tickers, bars, [Symbol.asyncDispose]: dispose };
};

const clients: readonly (readonly [string, (url: string) => Promise<SeeingClient>])[] = [
  ['binance', openBinance],
  ['@binance/spot', openSpot],
  ['@binance/connector', openConnector],
  ['binance-api-node', openNodeApi],
];

describe('Node clients of Binance, unchanged, and a gateway that is killed', () => {
  let rig: BinanceRig;
  beforeAll(async () => {
    rig = await startBinanceRig();
  });
  afterAll(async () => {
    await rig?.[Symbol.asyncDispose]();
  });

  // They reconnect alike: one of them stands for all.
  it.each(isNightly ? clients : clients.slice(0, 1))('[G45] %s', async (name, open) => {
    await prove({ protocol, client: `${name} (Node)`, version: pinnedVersion(name), checked }, async () => {
      await using client = await open(rig.url.replace('http', 'ws'));
      await proveClient(rig, client);
    });
  });
});
