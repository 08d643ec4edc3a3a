import {
  addDecimal,
  addProduct,
  addSum,
  compareDecimals,
  type DecimalSum,
  emptySum,
  formatSum,
  subtractSum,
} from '@tickwire/protocol';
import { quotientOf } from './opening-price.js';

/**
 * Statistics of the last 1,440 calendar minutes (UTC), including the present one: at time `t` the window is `[floor(t
 * to a minute) - 1,439 min, t]`, so it reaches back between 23 h 59 min and 24 h. `t` is the newest time given by a
 * trade or by `advance`; it never goes back.
 *
 * Sums are exact. A trade updates one minute; memory is one record a minute at any rate.
 */
export interface DayWindow {
  /** False if the trade is older than the window, and so changed nothing. */
  add(ts: number, price: string, size: string): boolean;
  /** Adds a whole past minute; replaces what that minute had. */
  seed(minute: DayMinute): void;
  advance(ts: number): void;
  /** Undefined without a trade in the window. */
  summary(): DaySummary | undefined;
  /**
   * How far back trades were observed: to the first minute ever added, or to the start of the window if that is later.
   */
  watchedMs(): number;
}

export interface DayMinute {
  /** First millisecond of the minute. */
  readonly start: number;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly volume: string;
  readonly quoteVolume: string;
}

export interface DaySummary {
  /** Price of the first trade in the window. */
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly volume: string;
  readonly quoteVolume: string;
  /**
   * `quoteVolume / volume`, rounded half up to eight digits, or to eight decimals if that is more; absent if the volume
   * is zero.
   */
  readonly vwap?: string;
}

interface Slot {
  readonly open: string;
  high: string;
  low: string;
  readonly volume: DecimalSum;
  readonly quoteVolume: DecimalSum;
}

type Extremes = { open: string; high: string; low: string };

const minuteMs = 60_000;
const minutesInDay = 1440;

export const createDayWindow = (): DayWindow => {
  const slots: (Slot | undefined)[] = new Array(minutesInDay).fill(undefined);
  const volume = emptySum();
  const quoteVolume = emptySum();
  let newest = Number.NEGATIVE_INFINITY;
  let first = Number.POSITIVE_INFINITY;
  /** Extremes of all minutes but the newest; outdated after the window moved or an older minute changed. */
  let older: Extremes | undefined;
  let olderIsStale = false;

  const drop = (index: number): void => {
    const slot = slots[index];
    if (!slot) return;
    subtractSum(volume, slot.volume);
    subtractSum(quoteVolume, slot.quoteVolume);
    slots[index] = undefined;
  };

  const moveTo = (minute: number): void => {
    if (minute <= newest) return;
    const steps = newest === Number.NEGATIVE_INFINITY ? 0 : Math.min(minutesInDay, minute - newest);
    for (let i = 0; i < steps; i++) drop((minute - i) % minutesInDay);
    newest = minute;
    olderIsStale = true;
  };

  const recomputeOlder = (): void => {
    older = undefined;
    for (let minute = newest - minutesInDay + 1; minute < newest; minute++) {
      const slot = slots[minute % minutesInDay];
      if (slot) older = widen(older, slot);
    }
    olderIsStale = false;
  };

  return {
    add: (ts, price, size) => {
      const minute = Math.floor(ts / minuteMs);
      if (minute > newest) moveTo(minute);
      else if (minute <= newest - minutesInDay) return false;
      const index = minute % minutesInDay;
      let slot = slots[index];
      if (!slot) {
        slot = { open: price, high: price, low: price, volume: emptySum(), quoteVolume: emptySum() };
        slots[index] = slot;
        first = Math.min(first, minute);
      } else {
        if (compareDecimals(price, slot.high) > 0) slot.high = price;
        if (compareDecimals(price, slot.low) < 0) slot.low = price;
      }
      if (minute !== newest) olderIsStale = true;
      addDecimal(slot.volume, size);
      addProduct(slot.quoteVolume, price, size);
      addDecimal(volume, size);
      addProduct(quoteVolume, price, size);
      return true;
    },
    seed: ({ start, open, high, low, ...sums }) => {
      const minute = Math.floor(start / minuteMs);
      moveTo(minute);
      if (minute <= newest - minutesInDay) return;
      drop(minute % minutesInDay);
      const slot: Slot = { open, high, low, volume: emptySum(), quoteVolume: emptySum() };
      addDecimal(slot.volume, sums.volume);
      addDecimal(slot.quoteVolume, sums.quoteVolume);
      addSum(volume, slot.volume);
      addSum(quoteVolume, slot.quoteVolume);
      slots[minute % minutesInDay] = slot;
      first = Math.min(first, minute);
      olderIsStale = true;
    },
    advance: (ts) => moveTo(Math.floor(ts / minuteMs)),
    summary: () => {
      if (olderIsStale) recomputeOlder();
      const current = newest === Number.NEGATIVE_INFINITY ? undefined : slots[newest % minutesInDay];
      const all = current ? widen(older && { ...older }, current) : older;
      if (!all) return undefined;
      const sums = { volume: formatSum(volume), quoteVolume: formatSum(quoteVolume) };
      if (volume.units === 0n) return { ...all, ...sums };
      return { ...all, ...sums, vwap: quotientOf(sums.quoteVolume, sums.volume) };
    },
    watchedMs: () => (first === Number.POSITIVE_INFINITY ? 0 : Math.min(minutesInDay, newest - first + 1) * minuteMs),
  };
};

const widen = (extremes: Extremes | undefined, { open, high, low }: Slot): Extremes => {
  if (!extremes) return { open, high, low };
  if (compareDecimals(high, extremes.high) > 0) extremes.high = high;
  if (compareDecimals(low, extremes.low) < 0) extremes.low = low;
  return extremes;
};
