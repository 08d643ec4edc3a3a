import type { Message } from '@tickwire/channel-layer';
import type { BarPart, CatalogEntry } from '@tickwire/protocol';
import { createBarWindow } from '../bar-window.js';
import { averagePrice, barStatistics, dayStatistics, type Statistics } from '../day-statistics.js';
import type { Past } from '../past.js';
import { decimalOr, type TimeUnit, timeBefore, timeIn, wholeNumber } from '../payload-fields.js';
import { openMs } from '../payloads.js';
import { binanceName } from '../symbols.js';
import { BinanceApiError, illegalValue } from './errors.js';
import { newestKline } from './klines.js';
import { barsUpToNow, hasMinutes } from './market-data.js';

/** Statistics of a span of time, with its ends in the unit requested. */
interface Span extends Statistics {
  readonly openTime: number;
  readonly closeTime: number;
  readonly trades: number;
}

export type TickerType = 'FULL' | 'MINI';

export interface TickerForm {
  readonly type: TickerType;
  readonly unit: TimeUnit;
}

/** @throws BinanceApiError */
export const tickerTypeOf = (query: URLSearchParams): TickerType => {
  const type = query.get('type') ?? 'FULL';
  if (type !== 'FULL' && type !== 'MINI') throw new BinanceApiError(-1139, 'Invalid ticker type.');
  return type;
};

export const dayTicker = (message: Message, symbol: string, type: TickerType, unit: TimeUnit): unknown => {
  const span = daySpan(message, unit);
  const answer = spanAnswer(span, symbol, type);
  if (type === 'MINI') return answer;
  return { ...answer, prevClosePrice: span.open, lastQty: '0', ...quoteOf(message) };
};

export const quoteOf = (message: Message): Readonly<Record<string, string>> => ({
  bidPrice: decimalOr(message, 'bid', '0'),
  bidQty: decimalOr(message, 'bidSize', '0'),
  askPrice: decimalOr(message, 'ask', '0'),
  askQty: decimalOr(message, 'askSize', '0'),
});

const minutesIn = { m: 1, h: 60, d: 1_440 } as const;
const mostOf = { m: 59, h: 23, d: 7 } as const;
const dayMinutes = 1_440;

/** `1m` to `59m`, `1h` to `23h`, `1d` to `7d`, in minutes. @throws BinanceApiError */
export const windowMinutesOf = (query: URLSearchParams): number => {
  const [, digits = '', unit = ''] = /^([1-9]\d?)([mhd])$/.exec(query.get('windowSize') ?? '1d') ?? [];
  if (!isUnit(unit) || Number(digits) > mostOf[unit]) throw illegalValue('windowSize');
  return Number(digits) * minutesIn[unit];
};

const isUnit = (unit: string): unit is keyof typeof minutesIn => Object.hasOwn(minutesIn, unit);

/** A day as the venue reports it, any other window as far back as bars reach. Undefined when nothing is known. */
export const rollingTicker = async (
  past: Past,
  entry: CatalogEntry,
  ticker: Message | undefined,
  minutes: number,
  { type, unit }: TickerForm,
): Promise<unknown> => {
  const name = binanceName(entry);
  if (minutes === dayMinutes) return ticker && spanAnswer(daySpan(ticker, unit), name, type);
  const bar = await barOfMinutes(past, entry, minutes);
  if (bar === undefined) return undefined;
  const times = { openTime: timeIn(bar.start, unit), closeTime: timeIn(bar.ts, unit) };
  const span = { ...barStatistics(bar), ...times, trades: bar.trades };
  return spanAnswer(span, name, type);
};

/** From midnight in a time zone on. Undefined when nothing is known. */
export const tradingDayTicker = async (
  past: Past,
  entry: CatalogEntry,
  offsetMs: number,
  { type, unit }: TickerForm,
): Promise<unknown> => {
  const kline = await newestKline(past, entry, { period: '1d', offsetMs });
  if (kline === undefined) return undefined;
  const { start, endMs, trades } = kline;
  const times = { openTime: timeIn(start, unit), closeTime: timeBefore(endMs, unit) };
  return spanAnswer({ ...barStatistics(kline), ...times, trades }, binanceName(entry), type);
};

export const averageMinutes = 5;

/** Undefined where nothing is known. */
export const averagePriceAnswer = async (past: Past, entry: CatalogEntry, unit: TimeUnit): Promise<unknown> => {
  const bar = await barOfMinutes(past, entry, averageMinutes);
  return bar && { mins: averageMinutes, price: averagePrice(bar), closeTime: timeIn(bar.ts, unit) };
};

/** The newest minutes as one bar. Of several days it begins at a quarter of an hour: that many minutes are too many to read. */
const barOfMinutes = async (past: Past, entry: CatalogEntry, minutes: number): Promise<BarPart | undefined> => {
  const period = minutes > dayMinutes ? '15m' : '1m';
  const bars = await barsUpToNow(past, entry, { period, offsetMs: 0 }, hasMinutes(minutes));
  const window = createBarWindow(minutes);
  for (const bar of bars) window.add(bar);
  return window.folded();
};

const daySpan = (message: Message, unit: TimeUnit): Span => {
  const closeMs = wholeNumber(message, 'ts');
  const times = { openTime: timeIn(openMs(closeMs), unit), closeTime: timeIn(closeMs, unit) };
  return { ...dayStatistics(message), ...times, trades: 0 };
};

const spanAnswer = (span: Span, symbol: string, type: TickerType): Readonly<Record<string, string | number>> => ({
  symbol,
  ...(type === 'FULL' && {
    priceChange: span.change,
    priceChangePercent: span.changePercent,
    weightedAvgPrice: span.averagePrice,
  }),
  openPrice: span.open,
  highPrice: span.high,
  lowPrice: span.low,
  lastPrice: span.last,
  volume: span.volume,
  quoteVolume: span.quoteVolume,
  openTime: span.openTime,
  closeTime: span.closeTime,
  firstId: 0,
  lastId: 0,
  count: span.trades,
});
