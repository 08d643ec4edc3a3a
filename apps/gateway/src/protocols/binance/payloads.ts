import {
  decimal,
  decimalOr,
  eventTime,
  type Fields,
  isBuyerMaker,
  type TimeUnit,
  time,
  timeText,
  tradeId,
  UnmappableMessage,
  wholeNumber,
} from './payload-fields.js';
import type { StreamKind } from './stream-name.js';

/**
 * JSON text of an event of a stream, made of a message. `name` is Binance's for the symbol: `BTCUSDT`. What we do not
 * know is "0", an id -1, and a price the last one. Source: binance-spot-api-docs, web-socket-streams.md.
 * @throws UnmappableMessage
 */
export type Payload = (message: Fields, name: string, unit: TimeUnit) => string;

const zero = '"0"';
const dayMs = 86_400_000;
const barMs = { '1s': 1_000, '1m': 60_000 } as const;

const trade: Payload = (message, name, unit) =>
  `{"e":"trade","E":${eventTime(message, unit)},"s":"${name}","t":${tradeId(message)},"p":${decimal(message, 'price')},"q":${decimal(message, 'size')},"T":${time(message, 'ts', unit)},"m":${isBuyerMaker(message)},"M":true}`;

/** Trades are not aggregated here: each is an aggregate of itself. */
const aggTrade: Payload = (message, name, unit) => {
  const id = tradeId(message);
  return `{"e":"aggTrade","E":${eventTime(message, unit)},"s":"${name}","a":${id},"p":${decimal(message, 'price')},"q":${decimal(message, 'size')},"f":${id},"l":${id},"T":${time(message, 'ts', unit)},"m":${isBuyerMaker(message)},"M":true}`;
};

const miniTicker: Payload = (message, name, unit) => {
  const last = decimal(message, 'last');
  return `{"e":"24hrMiniTicker","E":${eventTime(message, unit)},"s":"${name}","c":${last},"o":${decimalOr(message, 'open24h', last)},"h":${decimalOr(message, 'high24h', last)},"l":${decimalOr(message, 'low24h', last)},"v":${decimalOr(message, 'volume24h', zero)},"q":${decimalOr(message, 'quoteVolume24h', zero)}}`;
};

const ticker: Payload = (message, name, unit) => {
  const last = decimal(message, 'last');
  const open = decimalOr(message, 'open24h', last);
  const closeMs = wholeNumber(message, 'ts');
  return `{"e":"24hrTicker","E":${eventTime(message, unit)},"s":"${name}","p":${decimalOr(message, 'change24h', zero)},"P":${decimalOr(message, 'changePct24h', zero)},"w":${decimalOr(message, 'vwap24h', last)},"x":${open},"c":${last},"Q":${zero},"b":${decimalOr(message, 'bid', zero)},"B":${decimalOr(message, 'bidSize', zero)},"a":${decimalOr(message, 'ask', zero)},"A":${decimalOr(message, 'askSize', zero)},"o":${open},"h":${decimalOr(message, 'high24h', last)},"l":${decimalOr(message, 'low24h', last)},"v":${decimalOr(message, 'volume24h', zero)},"q":${decimalOr(message, 'quoteVolume24h', zero)},"O":${timeText(Math.max(0, closeMs - dayMs), unit)},"C":${timeText(closeMs, unit)},"F":-1,"L":-1,"n":0}`;
};

/** An empty side of the book is zeros, as at Binance. `u` is the time of publishing: it grows, also where positions begin anew. */
const bookTicker: Payload = (message, name) =>
  `{"u":${eventTime(message, 'ms')},"s":"${name}","b":${decimalOr(message, 'bid', zero)},"B":${decimalOr(message, 'bidSize', zero)},"a":${decimalOr(message, 'ask', zero)},"A":${decimalOr(message, 'askSize', zero)}}`;

const kline =
  (interval: keyof typeof barMs): Payload =>
  (message, name, unit) => {
    const startMs = wholeNumber(message, 'start');
    const lastMs = startMs + barMs[interval] - 1;
    const lastTime = unit === 'us' ? `${lastMs}999` : `${lastMs}`;
    return `{"e":"kline","E":${eventTime(message, unit)},"s":"${name}","k":{"t":${timeText(startMs, unit)},"T":${lastTime},"s":"${name}","i":"${interval}","f":-1,"L":-1,"o":${decimal(message, 'open')},"c":${decimal(message, 'close')},"h":${decimal(message, 'high')},"l":${decimal(message, 'low')},"v":${decimal(message, 'volume')},"n":${wholeNumber(message, 'trades')},"x":${message['closed'] === true},"q":${decimal(message, 'quoteVolume')},"V":${zero},"Q":${zero},"B":${zero}}}`;
  };

/** Our own: horizons as on the `forecast` channel, their times in the unit asked for. */
const forecast: Payload = (message, name, unit) => {
  const { horizons } = message;
  if (!Array.isArray(horizons)) throw new UnmappableMessage('horizons is no array');
  const told: unknown[] = horizons.map((horizon: Fields) => ({
    ...horizon,
    target: Number(time(horizon, 'target', unit)),
  }));
  return `{"e":"forecast","E":${eventTime(message, unit)},"s":"${name}","p":${decimal(message, 'price')},"T":${time(message, 'ts', unit)},"h":${JSON.stringify(told)}}`;
};

export const payloads: Readonly<Record<StreamKind, Payload>> = {
  trade,
  aggTrade,
  ticker,
  miniTicker,
  bookTicker,
  kline_1s: kline('1s'),
  kline_1m: kline('1m'),
  forecast,
};
