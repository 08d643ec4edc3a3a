import { expect } from '@jest/globals';
import type { Message } from '@tickwire/channel-layer';
import type { BinanceRig, Kind } from './binance-rig.js';
import type { ClientProcess } from './client-process.js';
import { waitFor } from './wait-for.js';

/** What a client made of an event, translated from its own field names into ours. A field that the client does not give is absent. */
export interface SeenTrade {
  readonly id: string;
  readonly price: string;
  readonly size: string;
  readonly ts: number;
  readonly side: string;
}

export interface SeenTicker {
  /** When it was published, or, where the client does not say, when it was so at the venue. */
  readonly pts?: number;
  readonly ts?: number;
  readonly last?: string;
  readonly open24h?: string;
  readonly high24h?: string;
  readonly low24h?: string;
  readonly volume24h?: string;
  readonly bid?: string;
  readonly ask?: string;
}

export interface SeenBar {
  readonly start: number;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
  readonly pts?: number;
  readonly closed?: boolean;
}

/** A client that is connected and has subscribed. It keeps everything it received. */
export interface SeeingClient extends AsyncDisposable {
  readonly trades: readonly SeenTrade[];
  readonly tickers: readonly SeenTicker[];
  readonly bars: readonly SeenBar[];
  /** @default '1s' */
  readonly barInterval?: '1s' | '1m';
  /** Prices and sizes went through floating point: they are compared as numbers. */
  readonly hasNumbers?: boolean;
}

/** What a ticker is found by among those published. */
const tickerKeys = ['pts', 'ts', 'bid'];
const enough = { trades: 20, tickers: 2, bars: 3 };

/**
 * The client gets values that are those published, loses its gateway, reconnects by itself to another, and goes on to
 * get them: trades in order, each once, with one hole at most.
 */
export const proveClient = async (rig: BinanceRig, client: SeeingClient): Promise<void> => {
  await moreOfAll(client, 'values', 20_000);
  await rig.failOver();
  await moreOfAll(client, 'values of the other gateway', 60_000);

  const { barInterval = '1s', hasNumbers = false } = client;
  // As they are now: they go on growing.
  const [seenTrades, seenTickers, seenBars] = [[...client.trades], [...client.tickers], [...client.bars]];
  const same = (value: unknown): unknown => (hasNumbers && isDecimal(value) ? Number(value) : value);
  const plain = (seen: object): unknown =>
    Object.fromEntries(Object.entries(seen).map(([field, value]) => [field, same(value)]));

  const trades = new Map((await all(rig, 'trade')).map((message) => [message['id'], message]));
  const known = seenTrades.filter(({ id }) => trades.has(id));
  expect(known.length).toBeGreaterThanOrEqual(2 * enough.trades);
  expect(known.map(plain)).toEqual(known.map((seen) => plain(pick(trades.get(seen.id), seen))));
  const ids = seenTrades.map(({ id }) => Number(id));
  const steps = ids.slice(1).map((id, index) => id - (ids[index] ?? 0));
  expect(steps.filter((step) => step < 1)).toEqual([]);
  expect(steps.filter((step) => step > 1).length).toBeLessThanOrEqual(1);

  // Several of them may have been published in one millisecond, and a bar is published many times.
  const expectAmong = (published: readonly Message[], key: string, seen: object): void => {
    const wanted = same((seen as Record<string, unknown>)[key]);
    const candidates = published.filter((message) => same(message[key]) === wanted);
    expect(candidates.map((message) => plain(pick(message, seen)))).toContainEqual(plain(seen));
  };
  const tickers = await all(rig, 'ticker');
  for (const seen of seenTickers) expectAmong(tickers, tickerKeys.find((key) => key in seen) ?? '', seen);
  const bars = await all(rig, `bar-${barInterval}`);
  // History has each bar once it is closed. A bar whose end the client did not receive differs from that one.
  const last = new Map(seenBars.map((seen) => [seen.start, seen]));
  const newestStart = Math.max(...last.keys());
  for (const seen of last.values()) {
    if (seen.closed ?? seen.start < newestStart) expectAmong(bars, 'start', seen);
  }
};

const moreOfAll = async (client: SeeingClient, what: string, deadlineMs: number): Promise<void> => {
  const before = { trades: client.trades.length, tickers: client.tickers.length, bars: client.bars.length };
  const missing = (): string[] =>
    (['trades', 'tickers', 'bars'] as const).filter((kind) => client[kind].length < before[kind] + enough[kind]);
  try {
    await waitFor(what, () => missing().length === 0, deadlineMs);
  } catch (error) {
    throw new Error(`${what}: too few ${missing().join(', ')}`, { cause: error });
  }
};

const all = (rig: BinanceRig, kind: Kind): Promise<readonly Message[]> => rig.published(kind);

/** The fields of the message that the client gives. */
const pick = (message: Message | undefined, seen: object): object =>
  Object.fromEntries(Object.keys(seen).map((field) => [field, message?.[field]]));

const isDecimal = (value: unknown): boolean => typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value);

/** A client in a process of its own that prints each `trade`, `ticker` and `bar` in these words. */
export const seeingProcess = (script: ClientProcess, more: Partial<SeeingClient> = {}): SeeingClient => ({
  get trades() {
    return script.of('trade') as unknown as readonly SeenTrade[];
  },
  get tickers() {
    return script.of('ticker') as unknown as readonly SeenTicker[];
  },
  get bars() {
    return script.of('bar') as unknown as readonly SeenBar[];
  },
  ...more,
  [Symbol.asyncDispose]: () => script[Symbol.asyncDispose](),
});

/** A client in a process of its own that prints each `message` as it came: an event with its stream's name. */
export const rawProcess = (script: ClientProcess): SeeingClient => {
  const seen = new RawEvents();
  let read = 0;
  const events = (): RawEvents => {
    const reported = script.of('message');
    for (; read < reported.length; read += 1) {
      const { data } = (reported[read]?.['message'] ?? {}) as { readonly data?: RawEvent };
      if (data !== undefined) seen.add(data);
    }
    return seen;
  };
  return {
    get trades() {
      return events().trades;
    },
    get tickers() {
      return events().tickers;
    },
    get bars() {
      return events().bars;
    },
    [Symbol.asyncDispose]: () => script[Symbol.asyncDispose](),
  };
};

/** An event as Binance sends it. */
export type RawEvent = Readonly<Record<string, unknown>>;

/** Sorts raw events into what a `SeeingClient` gives. */
export class RawEvents {
  readonly trades: SeenTrade[] = [];
  readonly tickers: SeenTicker[] = [];
  readonly bars: SeenBar[] = [];

  readonly add = (event: RawEvent): void => {
    const text = (field: string, of: RawEvent = event): string => String(of[field]);
    switch (event['e']) {
      case 'trade':
        this.trades.push({
          id: text('t'),
          price: text('p'),
          size: text('q'),
          ts: Number(event['T']),
          side: event['m'] === true ? 'sell' : 'buy',
        });
        break;
      case '24hrTicker':
      case '24hrMiniTicker':
        this.tickers.push({
          pts: Number(event['E']),
          last: text('c'),
          open24h: text('o'),
          high24h: text('h'),
          low24h: text('l'),
          volume24h: text('v'),
          ...(event['b'] !== undefined && { bid: text('b'), ask: text('a') }),
        });
        break;
      case 'kline': {
        const bar = event['k'] as RawEvent;
        this.bars.push({
          pts: Number(event['E']),
          start: Number(bar['t']),
          open: text('o', bar),
          high: text('h', bar),
          low: text('l', bar),
          close: text('c', bar),
          volume: text('v', bar),
          closed: bar['x'] === true,
        });
        break;
      }
      default:
    }
  };
}
