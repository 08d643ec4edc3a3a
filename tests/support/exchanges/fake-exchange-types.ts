import type { Clock, Random } from './seams.js';

/** A trade as the fake market knows it: the truth that what comes out of a feed is compared with. */
export interface FakeTrade {
  readonly symbol: string;
  readonly id: number;
  readonly price: string;
  readonly size: string;
  readonly ts: number;
  readonly takerSide: 'buy' | 'sell';
}

export interface FakeQuote {
  readonly symbol: string;
  /** +1 a quote of the exchange. */
  readonly order: number;
  readonly bid: string;
  readonly bidSize: string;
  readonly ask: string;
  readonly askSize: string;
  readonly ts: number;
}

/** The other end of a connection. */
export interface FakeSink {
  text(text: string): void;
  ping(payload: string): void;
  pong(): void;
  close(code: number, reason: string): void;
}

/** A connected client as a dialect sees it. */
export interface FakeClient {
  readonly path: string;
  readonly openedAt: number;
  /** `<channel>:<name>` of what it is subscribed to. */
  readonly streams: Set<string>;
  /** Symbols whose data this client no longer gets, though everything looks well. */
  readonly stalled: Set<string>;
  /** When the client last said anything. */
  heardAt: number;
  hasSpoken: boolean;
  /** When a ping went out that is not answered yet. */
  pingedAt: number | undefined;
  /** When anything was last sent to it. */
  notifiedAt: number;
  /** Times of its last messages, for the limits. */
  readonly messageTimes: number[];
  /** The connection is dead, and neither side was notified. */
  isHalfOpen: boolean;
  send(message: unknown): void;
  /** As it is, valid or not. */
  sendRaw(text: string): void;
  ping(payload: string): void;
  close(code: number, reason: string): void;
}

export interface FakeAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What an exchange says and how it says it. Written from its documentation, without the adapter's help. */
export interface Dialect {
  readonly venue: string;
  readonly limits: FakeLimits;
  onOpen(client: FakeClient): void;
  /** A message that was within the limits. */
  onMessage(client: FakeClient, text: string): void;
  /** Once a second. */
  onSecond(client: FakeClient): void;
  /** Frames of a trade for a client that wants them; none for another. */
  tradeFrames(client: FakeClient, trade: FakeTrade): readonly string[];
  quoteFrames(client: FakeClient, quote: FakeQuote): readonly string[];
  /** `trades` are those the REST interface knows. */
  get(path: string, query: URLSearchParams, trades: (symbol: string) => readonly FakeTrade[]): FakeAnswer;
  announceShutdown?(client: FakeClient): void;
}

export interface FakeLimits {
  /** Connection attempts from one address. */
  readonly connects: { readonly max: number; readonly perMs: number };
  /** Messages of a connection. */
  readonly messages: { readonly max: number; readonly perMs: number; readonly countsPings: boolean };
  readonly maxConnectionMs?: number;
}

/** What is wrong at the moment; a test sets it. Counts go down as they are used up. */
export interface Faults {
  refuseWith: { readonly status: number; readonly retryAfterS?: number } | undefined;
  /** Connections are accepted and then nothing is said. */
  isDeaf: boolean;
  ignoreSubscribes: number;
  loseTrades: number;
  duplicateTrades: number;
  /** The next trades have a size of zero in the stream. */
  spoilTrades: number;
  /** The next trade comes after the one behind it. */
  swapTrades: number;
  garbage: string[];
  rest: 'fine' | 'down' | 'limited' | 'hanging' | 'broken';
  /** The REST interface does not know the newest so many trades yet. */
  restLag: number;
  /** Whether the REST interface has candles: they are of the venue's time, which a played recording is not. */
  hasCandles: boolean;
  /** So many rows of candles come with a high below their low. */
  oddCandles: number;
  /** Ids the REST interface never knew, as `<symbol>#<id>`. */
  readonly forgotten: Set<string>;
}

/** An exchange without faults, to which a test adds some. */
export const createFaults = (): Faults => ({
  refuseWith: undefined,
  isDeaf: false,
  ignoreSubscribes: 0,
  loseTrades: 0,
  spoilTrades: 0,
  duplicateTrades: 0,
  swapTrades: 0,
  garbage: [],
  rest: 'fine',
  restLag: 0,
  hasCandles: false,
  oddCandles: 0,
  forgotten: new Set<string>(),
});

export interface FakeExchange {
  readonly venue: string;
  readonly faults: Faults;
  readonly clients: ReadonlySet<FakeClient>;
  /** All trades of a symbol that ever happened. */
  truth(symbol: string): readonly FakeTrade[];
  /** Limits that were not kept, in words. */
  readonly violations: readonly string[];
  readonly connectTimes: readonly number[];
  readonly requests: readonly string[];
  trade(symbol: string, count?: number): void;
  quote(symbol: string): void;
  /** Once a second: heartbeats, pings, cuts. */
  second(): void;
  connect(path: string, sink: FakeSink): FakeConnection | FakeAnswer;
  /** `undefined`: no answer ever. @throws Error when the network is down */
  get(url: string): FakeAnswer | undefined;
  cutAll(code: number, reason: string): void;
  announceShutdown(): void;
  halfOpenAll(): void;
  stall(symbol: string): void;
  /** A new symbol is traded from now on. */
  list(symbol: FakeSymbol): void;
  /** Gone from the listing, and from the streams. */
  delist(symbol: string): void;
}

/** What a client does to its connection. */
export interface FakeConnection {
  receive(text: string): void;
  ping(): void;
  pong(): void;
  gone(): void;
}

export interface FakeExchangeOptions {
  readonly dialect: (market: FakeMarket) => Dialect;
  readonly clock: Clock;
  readonly random: Random;
  readonly symbols: readonly FakeSymbol[];
}

export interface FakeSymbol {
  readonly symbol: string;
  readonly priceDecimals: number;
  readonly sizeDecimals: number;
  /** Traded in a day, in the second currency. @default none */
  readonly quoteVolume?: number;
}

/** What a dialect may know of the market and what is wrong. */
export interface FakeMarket {
  readonly symbols: readonly FakeSymbol[];
  readonly faults: Faults;
  readonly now: () => number;
  readonly truth: (symbol: string) => readonly FakeTrade[];
  readonly violate: (what: string) => void;
}
