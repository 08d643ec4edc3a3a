import type { Forecast } from '@tickwire/protocol';
import type { Candle } from './candle-series.js';
import { type Fan, fanOf } from './fan.js';

/** How a forecast ended: whether its 90 % interval held the price at its target. */
export type FanOutcome =
  | { readonly kind: 'open' }
  | { readonly kind: 'held' | 'missed'; readonly price: number }
  /** No candle reaches its target: nobody can say. */
  | { readonly kind: 'unknown' };

/**
 * Past forecasts as they were when they were made. Kept are those whose `seq` is a multiple of their horizon's seconds:
 * there is one forecast a second, so drawn one after the other they lie end to end and never over each other.
 */
export interface FanHistory {
  /** True when one was kept. */
  add(forecast: Forecast, seq: number): boolean;
  /** Oldest first. */
  fans(horizonSeconds: number): readonly Fan[];
  /** Positions of the forecasts that would be kept between two, newest first. */
  wanted(horizonSeconds: number, afterSeq: number, upToSeq: number): readonly number[];
}

export interface FanHistoryOptions {
  readonly horizons: readonly number[];
  /** Per horizon. @default 120 */
  readonly maxFans?: number;
}

export const createFanHistory = ({ horizons, maxFans = 120 }: FanHistoryOptions): FanHistory => {
  const kept = new Map<number, Fan[]>(horizons.map((seconds) => [seconds, []]));

  const keep = (fans: Fan[], fan: Fan): boolean => {
    const at = fans.findLastIndex(({ madeAt }) => madeAt <= fan.madeAt) + 1;
    if (fans[at - 1]?.madeAt === fan.madeAt) return false;
    fans.splice(at, 0, fan);
    if (fans.length > maxFans) fans.shift();
    return true;
  };

  return {
    add(forecast, seq) {
      let hasKept = false;
      for (const [seconds, fans] of kept) {
        if (seq % seconds !== 0) continue;
        const fan = fanOf(forecast, seconds);
        if (fan !== undefined) hasKept = keep(fans, fan) || hasKept;
      }
      return hasKept;
    },
    fans: (horizonSeconds) => kept.get(horizonSeconds) ?? [],
    wanted(horizonSeconds, afterSeq, upToSeq) {
      const seqs: number[] = [];
      const newest = upToSeq - (upToSeq % horizonSeconds);
      for (let seq = newest; seq > afterSeq && seq > 0; seq -= horizonSeconds) seqs.push(seq);
      return seqs;
    },
  };
};

/**
 * Judged by the price at which the forecast was made that begins where this one ends, which is the very price its
 * score was computed from; without one, by the last trade before the target, where a candle ends there.
 */
export const outcomeOf = (
  fan: Fan,
  next: Fan | undefined,
  candles: readonly Candle[],
  intervalMs: number,
): FanOutcome => {
  if (next !== undefined && next.madeAt === fan.target) return judge(fan, next.price);
  const last = candles.at(-1);
  if (last === undefined || last.start < fan.target) return { kind: 'open' };
  const candle = candles.findLast(({ start }) => start + intervalMs <= fan.target);
  return candle !== undefined && candle.start + intervalMs === fan.target
    ? judge(fan, candle.close)
    : { kind: 'unknown' };
};

const judge = ({ points }: Fan, price: number): FanOutcome => {
  const end = points.at(-1);
  if (end === undefined) return { kind: 'unknown' };
  const [low, high] = end.levels[90];
  return { kind: price >= low && price <= high ? 'held' : 'missed', price };
};
