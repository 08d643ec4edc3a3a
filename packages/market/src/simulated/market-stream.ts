import { formatScaled } from '../decimal/decimal.js';
import type { Candle } from '../exchange/venue.js';
import type { FeedEvent } from '../feed.js';
import { createDayWindow, type DayWindow } from '../ticker/day-window.js';
import { createDayPaths } from './day-path.js';
import { minuteBar } from './minute-bar.js';
import { type MinuteOptions, type Slot, sizeDeviation, slotMs, visitSlots } from './minute-slots.js';
import { createRandom } from './random.js';
import { simulatedMarket } from './simulated-markets.js';
import { drawSlot, type SlotEvents, type SlotTrade } from './slot-trades.js';

export interface MarketStreamOptions {
  readonly venue: string;
  readonly symbol: string;
  readonly seed: string;
  readonly tradesPerSecond: number;
  readonly startMs: number;
  /** Whole minutes of past before the start. @default those of a day */
  readonly pastMinutes?: number;
}

/** One simulated market. Its events depend only on the options, not on the length of steps. */
export interface MarketStream {
  /** Appends the events since the last call, up to `toMs`, in order of time, as received at `rts`. */
  advance(toMs: number, rts: number, events: FeedEvent[]): void;
  /** Continues at `ms`: what was traded until then is in the statistics only. */
  skipTo(ms: number): void;
  trades(): number;
  /**
   * Computes up to this many minutes of the day before the start; returns how many. Statistics of 24 h are sent once all
   * of them are known. `isKept`: the bars are kept for the next request.
   */
  fillPast(minutes: number, isKept?: boolean): number;
  /** Whole minutes of the last day that begin in this time, oldest first, as they were or would have been traded. */
  past(fromMs: number, untilMs: number): Iterable<Candle>;
}

const statsMs = 1_000;
/** Bars kept for the next request are dropped if none comes. */
const keptForMs = 60_000;
const minuteMs = 60_000;
/** With the present one, those of a day. */
export const maxPastMinutes = 1_439;

interface Quoted {
  readonly ts: number;
  readonly slot: Slot;
  readonly drawn: SlotEvents;
}

export const createMarketStream = (options: MarketStreamOptions): MarketStream => {
  const { venue, symbol, tradesPerSecond, seed, pastMinutes = maxPastMinutes } = options;
  const market = simulatedMarket(symbol);
  const { priceDecimals, sizeDecimals } = market;
  const minuteOptions: MinuteOptions = { market, seed, tradesPerSecond };
  const pathOf = createDayPaths({ market, seed });
  const meanLots = market.medianLots * Math.exp(sizeDeviation ** 2 / 2);
  // Deep enough that a trade seldom takes the whole level.
  const levelLots = meanLots * (6 + 0.2 * tradesPerSecond);
  const day: DayWindow = createDayWindow();
  const startMs = Math.floor(options.startMs);

  let minute: { readonly start: number; readonly slots: readonly Slot[] } | undefined;
  /** The slot whose events come next, what is left of them, and the quotes they were made at. */
  let slotAt = 0;
  let quoted: Quoted | undefined;
  let isQuoteSent = false;
  let nextTrade = 0;
  /** Everything before it has been sent. */
  let reached = startMs;
  /** The past day is computed from its end to its beginning, but for what somebody asked for before. */
  const firstMinute = minuteOf(startMs);
  const oldest = firstMinute - pastMinutes * minuteMs;
  let filledFrom = firstMinute;
  let minutesMissing = pastMinutes;
  const filled = new Set<number>();
  const kept = new Map<number, Candle>();
  let statsAt = startMs;
  let lastPrice = '';
  /** Increases with the time of the start, so that ids keep increasing after a restart. */
  const firstId = idAt(startMs);
  let trades = 0;

  const slotOf = (ms: number): Slot => {
    const start = minuteOf(ms);
    if (minute?.start !== start) {
      const slots: Slot[] = [];
      visitSlots(minuteOptions, pathOf(start), (slot) => slots.push({ ...slot }));
      minute = { start, slots };
    }
    return minute.slots[Math.floor((ms - start) / slotMs)] as Slot;
  };
  const load = (ms: number): Quoted => {
    const slot = slotOf(ms);
    // A generator of its own: wherever a feed begins, the slot is the same.
    const drawn = drawSlot(ms, slot, levelLots, createRandom(`${seed} ${symbol} slot ${ms}`));
    return { ts: drawn.quotedAt, slot, drawn };
  };
  const priceOf = ({ bid, ask }: Slot, isBuy: boolean): string => formatScaled(isBuy ? ask : bid, priceDecimals);
  const countTrade = ({ slot }: Quoted, { ts, isBuy, lots }: SlotTrade): string => {
    const size = formatScaled(lots, sizeDecimals);
    lastPrice = priceOf(slot, isBuy);
    day.add(ts, lastPrice, size);
    return size;
  };

  /** Counts what was traded from then on until `ms`, minute by minute up to the present one. */
  const catchUp = (fromMs: number, ms: number): void => {
    const present = minuteOf(ms);
    const first = Math.max(minuteOf(fromMs), present - maxPastMinutes * minuteMs);
    // A minute that was interrupted is counted anew, as a whole.
    for (let start = first; start < present; start += minuteMs) {
      const bar = minuteBar(minuteOptions, pathOf(start));
      if (bar === undefined) continue;
      day.seed(bar);
      lastPrice = bar.close;
    }
    const from = Math.max(fromMs, present);
    for (let at = from - (from % slotMs); at < ms; at += slotMs) {
      const past = load(at);
      for (const trade of past.drawn.trades) if (trade.ts >= from && trade.ts < ms) countTrade(past, trade);
    }
  };

  const fill = (start: number, bar: Candle | undefined): void => {
    if (minutesMissing === 0 || start < oldest || start >= firstMinute || filled.has(start)) return;
    if (bar !== undefined) day.seed(bar);
    filled.add(start);
    minutesMissing -= 1;
    if (minutesMissing === 0) filled.clear();
  };

  const fillPast = (minutes: number, isKept = false): number => {
    let computed = 0;
    while (computed < minutes && minutesMissing > 0) {
      filledFrom -= minuteMs;
      if (filled.has(filledFrom)) continue;
      const bar = minuteBar(minuteOptions, pathOf(filledFrom));
      fill(filledFrom, bar);
      if (isKept && bar !== undefined) kept.set(filledFrom, bar);
      computed += 1;
    }
    return computed;
  };

  /** The last trade before, if it was in the last minutes. */
  const priceBefore = (ms: number): string => {
    for (let back = 1; back <= 10; back++) {
      const bar = minuteBar(minuteOptions, pathOf(minuteOf(ms) - back * minuteMs));
      if (bar !== undefined) return bar.close;
    }
    return priceOf(slotOf(ms), false);
  };

  /** Begins with the quotes that are there at that moment. */
  const begin = (ms: number): void => {
    slotAt = ms - (ms % slotMs);
    const present = load(slotAt);
    const isEarly = present.ts > ms;
    quoted = { ...(isEarly ? load(slotAt - slotMs) : present), ts: ms };
    isQuoteSent = false;
    const { trades: drawn } = quoted.drawn;
    nextTrade = isEarly ? drawn.length : drawn.findIndex(({ ts }) => ts >= ms);
    if (nextTrade < 0) nextTrade = drawn.length;
    if (!isEarly) slotAt += slotMs;
  };

  const quote = ({ ts, slot, drawn }: Quoted, rts: number): FeedEvent => {
    const sides = {
      bid: priceOf(slot, false),
      bidSize: formatScaled(drawn.bidLots, sizeDecimals),
      ask: priceOf(slot, true),
      askSize: formatScaled(drawn.askLots, sizeDecimals),
    };
    return { kind: 'quote', quote: { venue, symbol, ts, rts, ...sides } };
  };

  const stats = (ts: number, rts: number): FeedEvent => {
    if (ts > startMs + keptForMs) kept.clear();
    day.advance(ts);
    const summary = minutesMissing > 0 ? undefined : day.summary();
    return { kind: 'stats', stats: { venue, symbol, ts, rts, last: lastPrice, ...(summary && statsOf(summary)) } };
  };

  const trade = (at: Quoted, { ts, isBuy, lots }: SlotTrade, rts: number): FeedEvent => {
    const size = countTrade(at, { ts, isBuy, lots });
    const id = String(firstId + trades);
    trades += 1;
    const side = isBuy ? 'buy' : 'sell';
    return { kind: 'trade', trade: { type: 'price.trade', venue, symbol, ts, rts, id, price: lastPrice, size, side } };
  };

  catchUp(minuteOf(startMs), startMs);
  if (lastPrice === '') lastPrice = priceBefore(startMs);
  begin(startMs);
  return {
    advance: (toMs, rts, events) => {
      reached = Math.floor(toMs) + 1;
      for (;;) {
        if (quoted === undefined || (isQuoteSent && nextTrade >= quoted.drawn.trades.length)) {
          if (slotAt > toMs) break;
          quoted = load(slotAt);
          slotAt += slotMs;
          isQuoteSent = false;
          nextTrade = 0;
        }
        const next = isQuoteSent ? quoted.drawn.trades[nextTrade] : undefined;
        const ts = next?.ts ?? quoted.ts;
        // Statistics are of what was before them; a quote of the same moment comes first, as at the start.
        if (statsAt <= toMs && (statsAt < ts || (statsAt === ts && next !== undefined))) {
          events.push(stats(statsAt, rts));
          statsAt += statsMs;
          continue;
        }
        if (ts > toMs) return;
        if (next === undefined) isQuoteSent = true;
        else nextTrade += 1;
        events.push(next === undefined ? quote(quoted, rts) : trade(quoted, next, rts));
      }
      for (; statsAt <= toMs; statsAt += statsMs) events.push(stats(statsAt, rts));
    },
    skipTo: (ms) => {
      const to = Math.floor(ms);
      catchUp(reached, to);
      begin(to);
      statsAt = Math.max(statsAt, to);
    },
    trades: () => trades,
    fillPast,
    *past(fromMs, untilMs) {
      const present = minuteOf(Math.max(startMs, reached - 1));
      const first = Math.max(Math.ceil(fromMs / minuteMs) * minuteMs, present - maxPastMinutes * minuteMs, oldest);
      let before: Candle | undefined;
      for (let start = first; start < Math.min(untilMs, present); start += minuteMs) {
        const traded = kept.get(start) ?? minuteBar(minuteOptions, pathOf(start));
        kept.delete(start);
        fill(start, traded);
        const bar = traded ?? withoutTrades(start, before);
        if (bar === undefined) continue;
        before = bar;
        yield bar;
      }
    },
  };
};

const minuteOf = (ms: number): number => Math.floor(ms / minuteMs) * minuteMs;

/** Carries the price of the bar before forward. */
const withoutTrades = (start: number, before: Candle | undefined): Candle | undefined => {
  if (before === undefined) return undefined;
  const { close } = before;
  const none = { trades: 0, volume: '0', quoteVolume: '0', takerBuyVolume: '0', takerBuyQuoteVolume: '0' };
  return { start, open: close, high: close, low: close, close, ...none };
};

const statsOf = (summary: NonNullable<ReturnType<DayWindow['summary']>>) => ({
  open24h: summary.open,
  high24h: summary.high,
  low24h: summary.low,
  volume24h: summary.volume,
  quoteVolume24h: summary.quoteVolume,
  ...(summary.vwap === undefined ? undefined : { vwap24h: summary.vwap }),
});

/** Ten ids a millisecond since 2020, which is the highest mean rate. */
const idAt = (ms: number): number => Math.max(1, Math.floor((ms - Date.UTC(2020, 0, 1)) * 10));
