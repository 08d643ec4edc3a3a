import type { ChannelKind, MarketMessageType } from '@tickwire/protocol';

/** Binance's streams of one symbol, and the kind of channel each is made of. `forecast` is our own. */
const channelKinds = {
  trade: 'trade',
  aggTrade: 'trade',
  ticker: 'ticker',
  miniTicker: 'ticker',
  bookTicker: 'ticker',
  kline_1s: 'bar-1s',
  kline_1m: 'bar-1m',
  forecast: 'forecast',
} as const satisfies Record<string, ChannelKind>;

export type StreamKind = keyof typeof channelKinds;

export const allMiniTickers = '!miniTicker@arr';

/** `btcusdt@trade` taken apart. */
export interface StreamName {
  readonly kind: StreamKind;
  /** Lower case without separator, as in the stream's name. */
  readonly symbol: string;
}

/** Undefined for a name that is no stream of ours. Case matters, as it does at Binance. */
export const parseStreamName = (name: string): StreamName | undefined => {
  const at = name.indexOf('@');
  const symbol = name.slice(0, Math.max(at, 0));
  const kind = name.slice(at + 1);
  return /^[a-z0-9]{2,40}$/.test(symbol) && isStreamKind(kind) ? { kind, symbol } : undefined;
};

export const channelKindOf = (kind: StreamKind): ChannelKind => channelKinds[kind];

/** What a channel's own messages are; what others send on it is nothing for Binance's clients. */
export const messageTypeOf = (kind: StreamKind): MarketMessageType => {
  switch (channelKinds[kind]) {
    case 'trade':
      return 'price.trade';
    case 'ticker':
      return 'price.ticker';
    case 'bar-1s':
    case 'bar-1m':
      return 'price.bar';
    case 'forecast':
      return 'price.forecast';
  }
};

const isStreamKind = (kind: string): kind is StreamKind => Object.hasOwn(channelKinds, kind);
