import { barKind, type ChannelKind, isPeriodName, type MarketMessageType } from '@tickwire/protocol';
import { baseOf, type KlineKind } from './bar-part.js';
import type { payloads } from './payloads.js';

/** Each event is made of one message alone. `forecast` is our own. */
type MessageKind = keyof typeof payloads;

/** The content of a stream of one symbol. */
export type StreamSpec =
  | { readonly kind: MessageKind | 'avgPrice' }
  | ({ readonly kind: 'kline' } & KlineKind)
  | { readonly kind: 'rolling'; readonly window: RollingWindow }
  /** The book as it is, every `paceMs` where it changed, or what changed in it. */
  | { readonly kind: 'book' | 'bookUpdate'; readonly paceMs: 100 | 1_000 };

export const rollingWindows = { '1h': 60, '4h': 240, '1d': 1_440 } as const;
export type RollingWindow = keyof typeof rollingWindows;

/** `btcusdt@trade` taken apart. */
export interface StreamName {
  readonly spec: StreamSpec;
  /** Lower case without separator, as in the stream's name. */
  readonly symbol: string;
}

/** A stream of all symbols. */
export interface AllStreamName {
  /** The stream of each symbol. */
  readonly spec: StreamSpec;
  /** How often those that changed are sent, in an array; without it each comes as it happens. */
  readonly arrayMs?: 1_000 | 3_000;
}

/** `!ticker@arr` taken apart; undefined for a name that is not a stream of all symbols. */
export const parseAllStreamName = (name: string): AllStreamName | undefined => {
  if (name === '!bookTicker') return { spec: { kind: 'bookTicker' } };
  const [, text = '', pace] = /^!(miniTicker|ticker(?:_\w+)?)@arr(@[13]000ms)?$/.exec(name) ?? [];
  const spec = specOf(text);
  return spec && { spec, arrayMs: pace === '@3000ms' ? 3_000 : 1_000 };
};

/** Undefined for a name that is not a stream of ours. Case matters, as it does at Binance. */
export const parseStreamName = (name: string): StreamName | undefined => {
  const at = name.indexOf('@');
  const symbol = name.slice(0, Math.max(at, 0));
  if (!/^[a-z0-9]{2,40}$/.test(symbol)) return undefined;
  const spec = specOf(name.slice(at + 1));
  return spec && { spec, symbol };
};

const simple: Readonly<Record<MessageKind | 'avgPrice', true>> = {
  trade: true,
  aggTrade: true,
  ticker: true,
  miniTicker: true,
  bookTicker: true,
  avgPrice: true,
  forecast: true,
};
/** The one zone that Binance has streams for. */
const zone = '+08:00';
const zoneMs = 8 * 3_600_000;

const specOf = (text: string): StreamSpec | undefined => {
  if (isSimple(text)) return { kind: text };
  const [, period = '', inZone] = /^kline_(\w+)(@.*)?$/.exec(text) ?? [];
  if (isPeriodName(period) && (inZone === undefined || inZone === `@${zone}`)) {
    return { kind: 'kline', period, offsetMs: inZone === undefined ? 0 : zoneMs };
  }
  const [, window = ''] = /^ticker_(\w+)$/.exec(text) ?? [];
  if (isRollingWindow(window)) return { kind: 'rolling', window };
  const depth = /^depth(5|10|20)?(@100ms|@1000ms)?$/.exec(text);
  if (depth === null) return undefined;
  const [, levels, pace] = depth;
  return { kind: levels === undefined ? 'bookUpdate' : 'book', paceMs: pace === '@100ms' ? 100 : 1_000 };
};

const isSimple = (text: string): text is keyof typeof simple => Object.hasOwn(simple, text);
const isRollingWindow = (text: string): text is RollingWindow => Object.hasOwn(rollingWindows, text);

/** The channel that a stream is made of. */
export const channelKindOf = (spec: StreamSpec): ChannelKind => {
  switch (spec.kind) {
    case 'trade':
    case 'aggTrade':
      return 'trade';
    case 'kline':
      return barKind(baseOf(spec));
    case 'avgPrice':
      return 'bar-1m';
    case 'rolling':
      // About a whole day the venue knows more than our bars do.
      return spec.window === '1d' ? 'ticker' : 'bar-1m';
    case 'forecast':
      return 'forecast';
    default:
      return 'ticker';
  }
};

const messageTypes = {
  trade: 'price.trade',
  ticker: 'price.ticker',
  forecast: 'price.forecast',
} as const satisfies Partial<Record<ChannelKind, MarketMessageType>>;

/** The type of a channel's own messages; others that are sent on it do not go to Binance's clients. */
export const messageTypeOf = (spec: StreamSpec): MarketMessageType => {
  const kind = channelKindOf(spec);
  return kind === 'trade' || kind === 'ticker' || kind === 'forecast' ? messageTypes[kind] : 'price.bar';
};
