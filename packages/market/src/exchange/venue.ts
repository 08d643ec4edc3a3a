import type { Bar, Trade } from '@tickwire/protocol';
import type { FeedEvent } from '../feed.js';
import type { LostTrade, OnBadEntry } from './entries.js';

/** An instrument as a venue lists it. */
export interface Pair {
  /** Canonical: `BTC-USD`. */
  readonly symbol: string;
  /** Name in frames and subscriptions: `BTCUSDT`, `BTC-USD`, `BTC/USD`. */
  readonly name: string;
  /** Name in REST requests, if different. */
  readonly restName?: string;
  /** Name in the day's figures, if different. */
  readonly listedName?: string;
  /** False while the venue lists it but does not trade it. @default true */
  readonly isTrading?: boolean;
  /** Decimals of its prices and sizes, if the venue states them. */
  readonly priceDecimals?: number;
  readonly sizeDecimals?: number;
}

/** A venue's list of pairs, and their volumes. */
export interface Market {
  readonly listed: readonly Pair[];
  /** Volumes by symbol, in one currency; empty if they were not requested or not reported. */
  readonly volumes: ReadonlyMap<string, number>;
}

/** The last 24 hours of one pair, only for ordering by volume; its price is not published. */
export interface DayFigures {
  /** `listedName` or `name` of its pair. */
  readonly name: string;
  readonly last: number;
  /** Volume in the quote currency. */
  readonly quoteVolume: number;
}

/** An item of a frame: market data as the feed emits it, or a message about the connection. */
export type VenueItem =
  | Extract<FeedEvent, { kind: 'trade' | 'stats' }>
  /** A quote whose `order` is not above the last one's is outdated. Absent if the venue does not number quotes. */
  | (Extract<FeedEvent, { kind: 'quote' }> & { readonly order?: number })
  /** Trades from before the subscription, ascending: they show the present ids, and fill holes. */
  | { readonly kind: 'past'; readonly symbol: string; readonly trades: readonly Trade[] }
  /** Proof of life of a symbol; the id shows trades that the stream did not deliver. */
  | { readonly kind: 'heartbeat'; readonly symbol: string; readonly lastTradeId: string }
  /** Streams that are now subscribed: those of the request, those named, or those in both if both are given. */
  | { readonly kind: 'confirmed'; readonly requestId?: number; readonly keys?: readonly StreamKey[] }
  /** Rejected streams, named in the same way; without either, those of the last request. */
  | {
      readonly kind: 'refused';
      readonly requestId?: number;
      readonly keys?: readonly StreamKey[];
      readonly reason: string;
    }
  /** Too many messages were sent. */
  | { readonly kind: 'limited' }
  /** The venue will close the connection soon. */
  | { readonly kind: 'shutdown' }
  /** Whether the venue is trading. */
  | { readonly kind: 'system'; readonly isOpen: boolean; readonly status: string }
  /** An entry of the frame that was left out; for a trade, with its id if that can be read. */
  | { readonly kind: 'bad'; readonly reason: string; readonly lost?: LostTrade }
  /** Answer to the last application ping, with the venue's time. */
  | { readonly kind: 'pong'; readonly venueMs: number };

/** The symbol of market data; empty for an item about the connection. */
export const symbolOf = (item: VenueItem): string => {
  switch (item.kind) {
    case 'trade':
      return item.trade.symbol;
    case 'quote':
      return item.quote.symbol;
    case 'stats':
      return item.stats.symbol;
    case 'past':
    case 'heartbeat':
      return item.symbol;
    case 'bad':
      return item.lost?.symbol ?? '';
    default:
      return '';
  }
};

/**
 * Quotes of two connections overlap for less. If no quote is newer for longer than this, the venue has restarted its
 * numbers.
 */
const renumberedMs = 5_000;

/** Detects outdated quotes by their order. */
export interface QuoteOrder {
  /** Whether a quote that was received at `nowMs` is newer than those before. */
  isNew(order: number | undefined, nowMs: number): boolean;
}

export const createQuoteOrder = (): QuoteOrder => {
  let newest = -1;
  let oldSince: number | undefined;
  return {
    isNew: (order, nowMs) => {
      if (order === undefined) return true;
      if (order <= newest) {
        oldSince ??= nowMs;
        if (nowMs - oldSince < renumberedMs) return false;
      }
      oldSince = undefined;
      newest = order;
      return true;
    },
  };
};

/** One stream of one pair: `<channel>:<name of the pair>`. */
export type StreamKey = `${string}:${string}`;

export const streamKey = (channel: string, name: string): StreamKey => `${channel}:${name}`;
export const channelOfKey = (key: StreamKey): string => key.slice(0, key.indexOf(':'));
export const nameOfKey = (key: StreamKey): string => key.slice(key.indexOf(':') + 1);

/**
 * Maps one parsed frame. Pure. Frames of unknown kinds and pairs give no items: venues add kinds at any time.
 * @throws MarketError `bad-frame` for a known kind of frame with a missing or ill-formed field
 */
export type FrameMapper = (frame: unknown, rts: number) => readonly VenueItem[];

/** Requests a path of the venue's REST API and returns the parsed answer. @throws MarketError `rest-failed` */
export type RestGet = (path: string) => Promise<unknown>;

export interface TradesQuery {
  readonly pair: Pair;
  /** The wanted trades are after this id, and before `beforeId` if given. */
  readonly afterId: number;
  readonly beforeId?: number;
  /** Venue time of the trade with `afterId`, for venues that are queried by time. */
  readonly afterMs: number;
  /** Receive time of the returned trades. */
  readonly rts: () => number;
  /** Most trades to return. */
  readonly maxTrades: number;
  readonly onBadEntry: OnBadEntry;
}

/** A venue's own bar of a period that is over. */
export type Candle = Pick<
  Bar,
  | ('start' | 'open' | 'high' | 'low' | 'close' | 'volume' | 'quoteVolume' | 'trades')
  | ('takerBuyVolume' | 'takerBuyQuoteVolume')
>;

/** How to request a venue's own bars, of a minute, an hour or a day. */
export interface VenueCandles {
  /** Most bars in one answer. */
  readonly max: number;
  /** Path for the bars with a start from `fromMs` on and before `untilMs`, both multiples of the length. */
  path(pair: Pair, lengthMs: number, fromMs: number, untilMs: number): string;
  /** Returns bars in any order, perhaps more than requested. @throws MarketError `bad-frame` */
  read(answer: unknown, pair: Pair, onBadEntry: OnBadEntry): readonly Candle[];
}

export interface VenueRest {
  /** Tried in order; the next one after a failure. */
  readonly urls: readonly string[];
  /** Shortest time between two requests. */
  readonly gapMs: number;
  /** Whether an answer with status 200 says that too much was asked. */
  isLimit?(answer: unknown): boolean;
  /** Includes names that no channel can have; see `unlistedText`. */
  listing(get: RestGet, onBadEntry: OnBadEntry): Promise<readonly Pair[]>;
  /** Figures of all pairs at once. */
  day(get: RestGet, onBadEntry: OnBadEntry): Promise<readonly DayFigures[]>;
  /** Ascending; perhaps more or fewer than requested. */
  trades(get: RestGet, query: TradesQuery): Promise<readonly Trade[]>;
  readonly candles?: VenueCandles;
  /** The venue's time in milliseconds. */
  time?(get: RestGet): Promise<number>;
}

/** At most `max` in any interval of `perMs`. */
export interface RateLimit {
  readonly max: number;
  readonly perMs: number;
}

/** Everything specific to one exchange. */
export interface Venue {
  readonly name: string;
  /** Bitcoin and ether in its main quote currency: followed if no symbols are requested. */
  readonly defaultSymbols: readonly string[];
  /** Separates base and quote in the names of pairs in frames. */
  readonly separator: string;
  /** WebSocket addresses, tried in turn. */
  readonly urls: readonly string[];
  /** Limits of connection attempts, well inside what the venue allows. */
  readonly connects: readonly RateLimit[];
  /** Shortest time between two messages of a connection. */
  readonly messageGapMs: number;
  readonly maxPairsPerConnection: number;
  /** Age at which the venue closes a connection; it is replaced before. */
  readonly maxConnectionMs?: number;
  /** Streams of each pair; the first is that of the trades. */
  readonly channels: readonly string[];
  /** A subscription begins with the newest trades or their id (`past`), so missed trades need not be requested. */
  readonly sendsPast: boolean;
  readonly keepalive: Keepalive;
  readonly rest: VenueRest;
  parse(text: string): unknown;
  createMapper(pairs: readonly Pair[]): FrameMapper;
  /** Splits streams into groups that fit one message each. */
  requests(keys: readonly StreamKey[]): readonly (readonly StreamKey[])[];
  subscribeMessage(requestId: number, keys: readonly StreamKey[]): string;
}

export interface Keepalive {
  /** Silence after which the connection is probed. */
  readonly silentMs: number;
  /** Time without an answer after which it counts as dead. */
  readonly answerMs: number;
  /** Interval of pings in any case, if the venue closes silent connections. */
  readonly everyMs?: number;
  /** Text of a ping; absent if a WebSocket ping is enough. */
  readonly message?: (requestId: number) => string;
}
