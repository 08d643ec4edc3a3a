import type { Bar, Trade } from '@tickwire/protocol';
import type { FeedEvent } from '../feed.js';
import type { LostTrade, OnBadEntry } from './entries.js';

/** An instrument as a venue lists it. */
export interface Pair {
  /** Canonical: `BTC-USD`. */
  readonly symbol: string;
  /** In frames and subscriptions: `BTCUSDT`, `BTC-USD`, `BTC/USD`. */
  readonly name: string;
  /** In REST requests, where that differs. */
  readonly restName?: string;
  /** In the figures of the day, where that differs. */
  readonly listedName?: string;
  /** False while the venue lists it and trades nothing of it. @default true */
  readonly isTrading?: boolean;
  /** How fine its prices and sizes are, where the venue says so. */
  readonly priceDecimals?: number;
  readonly sizeDecimals?: number;
}

/** What a venue lists, and how much of it is traded. */
export interface Market {
  readonly listed: readonly Pair[];
  /** By symbol, in one currency; nothing where nobody asked or the venue did not say. */
  readonly volumes: ReadonlyMap<string, number>;
}

/** The last 24 hours of one pair, for an order by volume: no price that is given out. */
export interface DayFigures {
  /** As the list of them has it: `listedName` or `name` of its pair. */
  readonly name: string;
  readonly last: number;
  /** In the second currency of the pair. */
  readonly quoteVolume: number;
}

/** What one frame says: market data as the feed gives it out, and what concerns the connection alone. */
export type VenueItem =
  | Extract<FeedEvent, { kind: 'trade' | 'stats' }>
  /** A quote whose `order` is not above the last one's is older news. Absent where the venue numbers none. */
  | (Extract<FeedEvent, { kind: 'quote' }> & { readonly order?: number })
  /** Trades of before the subscription, ascending: they tell where the ids stand, and fill what was missed. */
  | { readonly kind: 'past'; readonly symbol: string; readonly trades: readonly Trade[] }
  /** Proof of life of a symbol; the id shows trades the stream did not bring. */
  | { readonly kind: 'heartbeat'; readonly symbol: string; readonly lastTradeId: string }
  /** Streams now subscribed: those of the request, or those named, or where both are given those in both. */
  | { readonly kind: 'confirmed'; readonly requestId?: number; readonly keys?: readonly StreamKey[] }
  /** Streams refused, named in the same way; without either, those asked for last. */
  | {
      readonly kind: 'refused';
      readonly requestId?: number;
      readonly keys?: readonly StreamKey[];
      readonly reason: string;
    }
  /** Too many messages were sent. */
  | { readonly kind: 'limited' }
  /** The connection will be cut soon. */
  | { readonly kind: 'shutdown' }
  /** Whether the venue is trading at all. */
  | { readonly kind: 'system'; readonly isOpen: boolean; readonly status: string }
  /** An entry of the frame that was left out; of a trade, with its id where that can be read. */
  | { readonly kind: 'bad'; readonly reason: string; readonly lost?: LostTrade }
  /** Answer to the last application ping, with the venue's time. */
  | { readonly kind: 'pong'; readonly venueMs: number };

/** The symbol of market data; nothing where the item concerns the connection alone. */
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

/** One stream of one pair: `<channel>:<name of the pair>`. */
export type StreamKey = `${string}:${string}`;

export const streamKey = (channel: string, name: string): StreamKey => `${channel}:${name}`;
export const channelOfKey = (key: StreamKey): string => key.slice(0, key.indexOf(':'));
export const nameOfKey = (key: StreamKey): string => key.slice(key.indexOf(':') + 1);

/**
 * Maps one parsed frame. Pure. Frames of unknown kinds and of unknown pairs give nothing: venues add kinds at any time.
 * @throws MarketError `bad-frame` for a known kind of frame with a missing or ill-formed field
 */
export type FrameMapper = (frame: unknown, rts: number) => readonly VenueItem[];

/** Asks the venue's REST interface for a path and gives the parsed answer. @throws MarketError `rest-failed` */
export type RestGet = (path: string) => Promise<unknown>;

export interface TradesQuery {
  readonly pair: Pair;
  /** Trades after this id are wanted, and up to below `beforeId`, where there is one. */
  readonly afterId: number;
  readonly beforeId?: number;
  /** Venue time of the trade with `afterId`, for venues that are asked by time. */
  readonly afterMs: number;
  /** Trades come out with this receive time. */
  readonly rts: () => number;
  /** At most so many; the rest is left. */
  readonly maxTrades: number;
  readonly onBadEntry: OnBadEntry;
}

/** What a venue says of a stretch of time that is over. */
export type Candle = Pick<
  Bar,
  | ('start' | 'open' | 'high' | 'low' | 'close' | 'volume' | 'quoteVolume' | 'trades')
  | ('takerBuyVolume' | 'takerBuyQuoteVolume')
>;

/** How a venue is asked for its own bars, of a minute, an hour or a day. */
export interface VenueCandles {
  /** Most in one answer. */
  readonly max: number;
  /** Asks for those that begin from `fromMs` on and before `untilMs`, both whole lengths. */
  path(pair: Pair, lengthMs: number, fromMs: number, untilMs: number): string;
  /** In any order; may hold others than were asked for. @throws MarketError `bad-frame` */
  read(answer: unknown, pair: Pair, onBadEntry: OnBadEntry): readonly Candle[];
}

export interface VenueRest {
  /** @default urls of the venue, tried in order, the next one when one fails */
  readonly urls: readonly string[];
  /** Least time between two requests. */
  readonly gapMs: number;
  /** Also what has a name that is not ours to use: see `unlistedText`. */
  listing(get: RestGet, onBadEntry: OnBadEntry): Promise<readonly Pair[]>;
  /** Of all pairs at once. */
  day(get: RestGet, onBadEntry: OnBadEntry): Promise<readonly DayFigures[]>;
  /** Ascending; may hold more than was asked for, and less. */
  trades(get: RestGet, query: TradesQuery): Promise<readonly Trade[]>;
  readonly candles?: VenueCandles;
  /** The venue's time in milliseconds. */
  time?(get: RestGet): Promise<number>;
}

/** At most so many in any stretch of this length. */
export interface RateLimit {
  readonly max: number;
  readonly perMs: number;
}

/** All that sets one exchange apart; the rest is shared. */
export interface Venue {
  readonly name: string;
  /** WebSocket addresses, tried in turn. */
  readonly urls: readonly string[];
  /** Kept well inside what the venue allows. */
  readonly connects: readonly RateLimit[];
  /** Least time between two messages of a connection. */
  readonly messageGapMs: number;
  readonly maxPairsPerConnection: number;
  /** The venue cuts every connection at this age; it is replaced before. */
  readonly maxConnectionMs?: number;
  /** Streams taken of each pair; the first is that of the trades. */
  readonly channels: readonly string[];
  /** Subscribing tells the newest trades or their id (`past`), so nobody need ask what was missed meanwhile. */
  readonly tellsPast: boolean;
  readonly keepalive: Keepalive;
  readonly rest: VenueRest;
  parse(text: string): unknown;
  createMapper(pairs: readonly Pair[]): FrameMapper;
  /** Splits streams into what fits one message each. */
  requests(keys: readonly StreamKey[]): readonly (readonly StreamKey[])[];
  subscribeMessage(requestId: number, keys: readonly StreamKey[]): string;
}

export interface Keepalive {
  /** After so long without a sign of life the connection is probed. */
  readonly silentMs: number;
  /** After so long without an answer it counts as dead. */
  readonly answerMs: number;
  /** Pings at this interval anyway, where the venue closes connections whose client says nothing. */
  readonly everyMs?: number;
  /** Text of a ping; absent where the WebSocket's own is enough. */
  readonly message?: (requestId: number) => string;
}
