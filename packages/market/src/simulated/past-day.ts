import { formatScaled } from '../decimal/decimal.js';
import type { Candle } from '../exchange/venue.js';
import type { Random } from './random.js';
import type { SimulatedMarket } from './simulated-markets.js';

export interface PastDayOptions {
  readonly market: SimulatedMarket;
  readonly tradesPerSecond: number;
  readonly startMs: number;
  readonly random: Random;
}

const minuteMs = 60_000;
const minutes = 1439;
const minutesInYear = 525_960;

/**
 * The whole minutes of the day before the start, oldest first, so that 24 h statistics exist from the first moment.
 * They are a random walk drawn backwards from the starting price (a walk looks the same both ways), with one step and a
 * range a minute.
 */
export const pastDay = ({ market, tradesPerSecond, startMs, random }: PastDayOptions): readonly Candle[] => {
  const { priceDecimals, sizeDecimals, startTicks, yearlyVolatility, medianLots } = market;
  const deviation = yearlyVolatility / Math.sqrt(minutesInYear);
  const firstOfStart = Math.floor(startMs / minuteMs) * minuteMs;
  const price = (ticks: number): string => formatScaled(ticks, priceDecimals);
  const past: Candle[] = [];
  let close = startTicks;
  let logFactor = 0;
  for (let i = 1; i <= minutes; i++) {
    logFactor += -0.02 * logFactor + 0.08 * random.normal();
    const step = deviation * Math.exp(logFactor);
    const open = ticksAtLeastOne(close * Math.exp(step * random.normal()));
    const high = Math.round(Math.max(open, close) * Math.exp(0.4 * step * Math.abs(random.normal())));
    const low = ticksAtLeastOne(Math.min(open, close) * Math.exp(-0.4 * step * Math.abs(random.normal())));
    const trades = 60 * tradesPerSecond * Math.exp(logFactor + 0.3 * random.normal());
    const lots = Math.max(1, Math.round(trades * medianLots * 2.3));
    past.push({
      start: firstOfStart - i * minuteMs,
      open: price(open),
      high: price(high),
      low: price(low),
      close: price(close),
      trades: Math.max(1, Math.round(trades)),
      volume: formatScaled(lots, sizeDecimals),
      quoteVolume: product(lots, Math.round((high + low) / 2), sizeDecimals + priceDecimals),
    });
    close = open;
  }
  return past.reverse();
};

const ticksAtLeastOne = (ticks: number): number => Math.max(1, Math.round(ticks));

/** Lots times ticks can exceed 2^53. */
const product = (lots: number, ticks: number, decimals: number): string => {
  const digits = (BigInt(lots) * BigInt(ticks)).toString().padStart(decimals + 1, '0');
  const point = digits.length - decimals;
  return decimals === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
};
