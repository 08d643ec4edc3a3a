import { once } from 'node:events';
import { WebSocket } from 'ws';
import { messageOf, openSdk } from './centrifuge-sdk.js';
import { openHttpStream } from './http-stream.js';

type Fields = Readonly<Record<string, unknown>>;

/** Milliseconds of a clock that all processes of a machine share and that never goes back. */
const sharedNow = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000;

/** One trade as a client received it, in any protocol. */
export interface Arrival {
  readonly channel: string;
  /** Id of the trade; the first is 1. */
  readonly id: number;
  readonly ageMs: number;
  readonly skipped: number;
  /** The age that the gateway reports; undefined if it reports none. */
  readonly waitedMs: number | undefined;
}

/** A client that follows the trades of symbols at `sim`, and asks for their age if its protocol can. */
export interface PriceReader extends Disposable {
  readonly arrivals: readonly Arrival[];
  readonly hasEnded: () => boolean;
}

/** A trade that shows when it was published, for readers of every protocol. */
export const timedTrade = (symbol: string, id: number): Fields => ({
  type: 'price.trade',
  venue: 'sim',
  symbol,
  ts: Math.round(sharedNow()),
  rts: 1,
  id: String(id),
  price: '1.10',
  size: '1',
  side: 'buy',
});

type Take = (channel: string, trade: Fields, counts?: Fields) => void;
interface Link {
  readonly hasEnded: () => boolean;
  end(): void;
}
type Open = (address: string, symbols: readonly string[], take: Take) => Promise<Link>;

const channelOf = (symbol: string): string => `trade.sim.${symbol}`;

const overWebSocket = async (url: string, onMessage: (message: Fields) => void): Promise<Link> => {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  socket.on('message', (data) => onMessage(JSON.parse(data.toString()) as Fields));
  socket.on('error', () => {});
  await once(socket, 'open');
  return { hasEnded: () => socket.readyState !== WebSocket.OPEN, end: () => socket.terminate() };
};

const overSdk =
  (encoding: 'JSON' | 'Protobuf'): Open =>
  async (address, symbols, take) => {
    const sdk = openSdk(encoding, `http://${address}`, {}, '?age=1');
    let ends = 0;
    sdk.on('disconnected', () => {
      ends += 1;
    });
    sdk.on('connecting', ({ code }) => {
      if (code !== 0) ends += 1;
    });
    const subscribed = symbols.map((symbol) => {
      const subscription = sdk.newSubscription(channelOf(symbol));
      subscription.on('publication', ({ data, tags }) => take(channelOf(symbol), messageOf(data), tags));
      subscription.subscribe();
      return subscription.ready();
    });
    sdk.connect();
    await Promise.all(subscribed);
    return { hasEnded: () => ends > 0, end: () => sdk.disconnect() };
  };

const overHttp =
  (path: string): Open =>
  async (address, symbols, take) => {
    const named = symbols.map((symbol) => `channel=${channelOf(symbol)}`).join('&');
    const stream = await openHttpStream(`http://${address}/connection/${path}?age=1&last=0&${named}`, {
      onPush(push) {
        const pub = push['pub'] as Fields | undefined;
        if (pub !== undefined) take(String(push['channel']), pub['data'] as Fields, pub['tags'] as Fields | undefined);
      },
    });
    return { hasEnded: stream.hasEnded, end: () => void stream[Symbol.asyncDispose]() };
  };

const protocols = {
  'plain JSON': (address, symbols, take) => {
    const named = symbols.map(channelOf).join(',');
    return overWebSocket(`ws://${address}/ws/prediction/?channels=${named}&last=0&age=1`, (message) =>
      take(String(message['channel']), message, message),
    );
  },
  'Centrifuge JSON': overSdk('JSON'),
  'Centrifuge Protobuf': overSdk('Protobuf'),
  'event stream': overHttp('uni_sse'),
  'HTTP stream': overHttp('uni_http_stream'),
  Binance(address, symbols, take) {
    const named = symbols.map((symbol) => `${symbol.replace('-', '').toLowerCase()}@trade`).join('/');
    const last = new Map<string, number>();
    return overWebSocket(`ws://${address}/stream?streams=${named}`, ({ stream, data }) => {
      const { t, T } = data as { t: number; T: number };
      // Trade ids show how many were skipped; the first one received shows where the client began.
      const skipped = t - (last.get(String(stream)) ?? t - 1) - 1;
      last.set(String(stream), t);
      take(String(stream), { id: String(t), ts: T }, { skipped });
    });
  },
} as const satisfies Record<string, Open>;

export type ReaderProtocol = keyof typeof protocols;
export const readerProtocols = Object.keys(protocols) as readonly ReaderProtocol[];

/** Resolves once it is connected. `address` is host and port of the gateway or of a line to it. */
export const openPriceReader = async (
  protocol: ReaderProtocol,
  address: string,
  symbols: readonly string[],
): Promise<PriceReader> => {
  const arrivals: Arrival[] = [];
  const link = await protocols[protocol](address, symbols, (channel, trade, counts = {}) => {
    const { skipped = 0, waitedMs } = counts;
    arrivals.push({
      channel,
      id: Number(trade['id']),
      ageMs: sharedNow() - Number(trade['ts']),
      skipped: Number(skipped),
      waitedMs: waitedMs === undefined ? undefined : Number(waitedMs),
    });
  });
  return { arrivals, hasEnded: link.hasEnded, [Symbol.dispose]: link.end };
};
