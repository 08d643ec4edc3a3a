import { type BarPart, type CatalogEntry, foldBars, isPeriodName, type Period, periodOf } from '@tickwire/protocol';
import { type KlineKind, takerBuysOf } from '../bar-part.js';
import type { Past } from '../past.js';
import { type TimeUnit, timeBefore, timeIn } from '../payload-fields.js';
import type { Kline } from '../rolling-fold.js';
import { illegalValue, invalidInterval, missingParameter } from './errors.js';
import { barsUpToNow, isUpTo } from './market-data.js';
import { limitOf, timeParameter } from './parameters.js';

export const klineParameters = ['symbol', 'interval', 'startTime', 'endTime', 'timeZone', 'limit'] as const;

/**
 * `[open time, o, h, l, c, volume, close time, quote volume, trades, taker volumes …, ignore]` @throws BinanceApiError
 */
export const answerKlines = async (
  past: Past,
  entry: CatalogEntry,
  query: URLSearchParams,
  unit: TimeUnit,
): Promise<readonly unknown[]> => {
  const kind: KlineKind = { period: periodNameOf(query), offsetMs: timeZoneOf(query) };
  const limit = limitOf(query);
  const startTime = timeParameter(query, 'startTime');
  const endTime = timeParameter(query, 'endTime') ?? Number.POSITIVE_INFINITY;
  const bars = await barsUpToNow(past, entry, kind, (known) =>
    startTime === undefined ? countPeriods(known, kind, endTime) > limit : isUpTo(known[0], startTime),
  );
  const klines = (await klinesOf(past, bars, kind)).filter(
    ({ start }) => start >= (startTime ?? 0) && start <= endTime,
  );
  const asked = startTime === undefined ? klines.slice(-limit) : klines.slice(0, limit);
  return asked.map((kline) => rowOf(kline, unit));
};

export const countPeriods = (
  bars: readonly BarPart[],
  { period, offsetMs }: KlineKind,
  endTime = Number.POSITIVE_INFINITY,
): number =>
  new Set(bars.map(({ start }) => periodOf(period, start, offsetMs).start).filter((start) => start <= endTime)).size;

/** A kline whose beginning history does not hold any more is left out, unless it is the only one. */
export const klinesOf = async (
  { turns }: Past,
  bars: readonly BarPart[],
  kind: KlineKind,
): Promise<readonly Kline[]> => {
  const klines: Kline[] = [];
  await turns.each(periodsOf(bars, kind), ({ parts, period, isLast }) => {
    const isCut = klines.length === 0 && parts[0] === bars[0] && parts[0].start > period.start;
    if (!isCut || isLast) klines.push({ ...foldBars(parts, period), endMs: period.end });
  });
  return klines;
};

interface PeriodParts {
  readonly period: Period;
  readonly parts: readonly [BarPart, ...BarPart[]];
  readonly isLast: boolean;
}

export function* periodsOf(bars: readonly BarPart[], { period: name, offsetMs }: KlineKind): Generator<PeriodParts> {
  let next = 0;
  for (let first = bars[0]; first !== undefined; first = bars[next]) {
    const period = periodOf(name, first.start, offsetMs);
    const rest: BarPart[] = [];
    for (next += 1; isBefore(bars[next], period.end); next += 1) rest.push(bars[next] as BarPart);
    yield { period, parts: [first, ...rest], isLast: next === bars.length };
  }
}

const isBefore = (bar: BarPart | undefined, endMs: number): boolean => bar !== undefined && bar.start < endMs;

const rowOf = (kline: Kline, unit: TimeUnit): readonly unknown[] => {
  const { start, open, high, low, close, volume, endMs, quoteVolume, trades } = kline;
  const [opened, closed] = [timeIn(start, unit), timeBefore(endMs, unit)];
  return [opened, open, high, low, close, volume, closed, quoteVolume, trades, ...takerBuysOf(kline), '0'];
};

const periodNameOf = (query: URLSearchParams): KlineKind['period'] => {
  const interval = query.get('interval');
  if (interval === null) throw missingParameter('interval');
  if (!isPeriodName(interval)) throw invalidInterval();
  return interval;
};

const hourMs = 3_600_000;
const minuteMs = 60_000;

/** The kline that is under way, as far as bars reach; undefined when nothing is known. */
export const newestKline = async (past: Past, entry: CatalogEntry, kind: KlineKind): Promise<Kline | undefined> => {
  const startOf = (bar: BarPart): number => periodOf(kind.period, bar.start, kind.offsetMs).start;
  const bars = await barsUpToNow(past, entry, kind, (known) => {
    const last = known.at(-1);
    return last !== undefined && isUpTo(known[0], startOf(last));
  });
  const last = bars.at(-1);
  if (last === undefined) return undefined;
  const current = bars.filter(({ start }) => start >= startOf(last));
  return (await klinesOf(past, current, kind)).at(-1);
};

/** `8`, `-1:00`, `+05:45`: hours and minutes ahead of UTC, from -12 to +14 hours. */
export const timeZoneOf = (query: URLSearchParams): number => {
  const text = query.get('timeZone') ?? '0';
  // In a URL a plus that is not escaped is a space.
  const match = /^([+ -]?)(\d{1,2})(?::([0-5]\d))?$/.exec(text);
  const [, sign, hours = '', minutes = '0'] = match ?? [];
  const offsetMs = (Number(hours) * hourMs + Number(minutes) * minuteMs) * (sign === '-' ? -1 : 1);
  if (match === null || offsetMs < -12 * hourMs || offsetMs > 14 * hourMs) throw illegalValue('timeZone');
  // Not -0, where periods would begin.
  return offsetMs === 0 ? 0 : offsetMs;
};
