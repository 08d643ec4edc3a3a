import type { BarPart } from '@tickwire/protocol';
import { takerBuysOf } from './bar-part.js';
import { dayStatistics, type Statistics } from './day-statistics.js';
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
  updateId,
  wholeNumber,
} from './payload-fields.js';

/**
 * JSON text of an event of a stream, made of a message. `name` is Binance's for the symbol: `BTCUSDT`. What we do not
 * know is "0", an id 0, and a price the last one. Source: binance-spot-api-docs, web-socket-streams.md.
 * @throws UnmappableMessage
 */
export type Payload = (message: Fields, name: string, unit: TimeUnit) => string;

const dayMs = 86_400_000;

const trade: Payload = (message, name, unit) =>
  `{"e":"trade","E":${eventTime(message, unit)},"s":"${name}","t":${tradeId(message)},"p":"${decimal(message, 'price')}","q":"${decimal(message, 'size')}","T":${time(message, 'ts', unit)},"m":${isBuyerMaker(message)},"M":true}`;

/** Trades are not aggregated here: each is an aggregate of itself. */
const aggTrade: Payload = (message, name, unit) => {
  const id = tradeId(message);
  return `{"e":"aggTrade","E":${eventTime(message, unit)},"s":"${name}","a":${id},"p":"${decimal(message, 'price')}","q":"${decimal(message, 'size')}","f":${id},"l":${id},"T":${time(message, 'ts', unit)},"m":${isBuyerMaker(message)},"M":true}`;
};

const miniTicker: Payload = (message, name, unit) => {
  const { last, open, high, low, volume, quoteVolume } = dayStatistics(message);
  return `{"e":"24hrMiniTicker","E":${eventTime(message, unit)},"s":"${name}","c":"${last}","o":"${open}","h":"${high}","l":"${low}","v":"${volume}","q":"${quoteVolume}"}`;
};

const ticker: Payload = (message, name, unit) => {
  const { open, last, high, low, change, changePercent, averagePrice, volume, quoteVolume } = dayStatistics(message);
  const closeMs = wholeNumber(message, 'ts');
  return `{"e":"24hrTicker","E":${eventTime(message, unit)},"s":"${name}","p":"${change}","P":"${changePercent}","w":"${averagePrice}","x":"${open}","c":"${last}","Q":"0","b":"${decimalOr(message, 'bid', '0')}","B":"${decimalOr(message, 'bidSize', '0')}","a":"${decimalOr(message, 'ask', '0')}","A":"${decimalOr(message, 'askSize', '0')}","o":"${open}","h":"${high}","l":"${low}","v":"${volume}","q":"${quoteVolume}","O":${timeText(openMs(closeMs), unit)},"C":${timeText(closeMs, unit)},"F":0,"L":0,"n":0}`;
};

/** When the day before a moment began. */
export const openMs = (closeMs: number): number => Math.max(0, closeMs - dayMs);

/** An empty side of the book is zeros, as at Binance. */
const bookTicker: Payload = (message, name) =>
  `{"u":${updateId(message)},"s":"${name}","b":"${decimalOr(message, 'bid', '0')}","B":"${decimalOr(message, 'bidSize', '0')}","a":"${decimalOr(message, 'ask', '0')}","A":"${decimalOr(message, 'askSize', '0')}"}`;

/** Our own: horizons as on the `forecast` channel, their times in the unit asked for. */
const forecast: Payload = (message, name, unit) => {
  const { horizons } = message;
  if (!Array.isArray(horizons)) throw new UnmappableMessage('horizons is not an array');
  const converted: unknown[] = horizons.map((horizon: Fields) => ({
    ...horizon,
    target: Number(time(horizon, 'target', unit)),
  }));
  return `{"e":"forecast","E":${eventTime(message, unit)},"s":"${name}","p":"${decimal(message, 'price')}","T":${time(message, 'ts', unit)},"h":${JSON.stringify(converted)}}`;
};

/** An event made of one message alone. */
export const payloads = { trade, aggTrade, ticker, miniTicker, bookTicker, forecast } as const satisfies Record<
  string,
  Payload
>;

/** What an event is made of, and in which unit its times are. */
export interface EventContext {
  /** The newest message. */
  readonly message: Fields;
  /** Binance's name of the symbol: `BTCUSDT`. */
  readonly name: string;
  readonly unit: TimeUnit;
}

/** `endMs` is where its period ends, whose length Binance writes as `period`. */
export const klineText = (
  bar: BarPart,
  period: string,
  endMs: number,
  { message, name, unit }: EventContext,
): string => {
  const lastTime = unit === 'us' ? `${endMs - 1}999` : `${endMs - 1}`;
  const { open, close, high, low, volume, quoteVolume, trades } = bar;
  const [takerBuyVolume, takerBuyQuoteVolume] = takerBuysOf(bar);
  return `{"e":"kline","E":${eventTime(message, unit)},"s":"${name}","k":{"t":${timeText(bar.start, unit)},"T":${lastTime},"s":"${name}","i":"${period}","f":0,"L":0,"o":"${open}","c":"${close}","h":"${high}","l":"${low}","v":"${volume}","n":${trades},"x":${bar.closed},"q":"${quoteVolume}","V":"${takerBuyVolume}","Q":"${takerBuyQuoteVolume}","B":"0"}}`;
};

export const averagePriceText = (price: string, tradedMs: number, { message, name, unit }: EventContext): string =>
  `{"e":"avgPrice","E":${eventTime(message, unit)},"s":"${name}","i":"5m","w":"${price}","T":${timeText(tradedMs, unit)}}`;

/** The statistics of a window, such as `1h`. */
export const rollingText = (
  window: string,
  { open, high, low, last, change, changePercent, averagePrice, volume, quoteVolume }: Statistics,
  { start, ts, trades }: Pick<BarPart, 'start' | 'ts' | 'trades'>,
  { message, name, unit }: EventContext,
): string =>
  `{"e":"${window}Ticker","E":${eventTime(message, unit)},"s":"${name}","p":"${change}","P":"${changePercent}","o":"${open}","h":"${high}","l":"${low}","c":"${last}","w":"${averagePrice}","v":"${volume}","q":"${quoteVolume}","O":${timeText(start, unit)},"C":${timeText(ts, unit)},"F":0,"L":0,"n":${trades}}`;
