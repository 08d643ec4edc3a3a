import { compareDecimals, type Ticker } from '@tickwire/protocol';
import { Big } from 'big.js';
import { createAbsurdTimes } from '../absurd-times.js';
import { createPaces, isOutside } from '../exchange/pace.js';
import type { FeedEvent, Instrument, Quote } from '../feed.js';
import { createDayWindow, type DaySummary } from './day-window.js';
import { openingPrice } from './opening-price.js';

/**
 * Folds the events of one instrument into its ticker.
 *
 * 24 h statistics are the venue's if it has any. High and low are then widened by the trades since its last report, so
 * that `low24h <= last <= high24h` holds. Fields that the venue omits stay absent unless a whole day was observed here,
 * because a sum over ten minutes beside a sum over a day would be misleading. For other venues the statistics are those
 * of the `DayWindow`. Change is always computed here, as `last - open24h`; if a venue reports only the change, the open
 * follows from it.
 */
export interface TickerBuilder {
  /**
   * Takes events of the instrument in the order of its feed; only trades, quotes and statistics matter. `steadyMs` is
   * its receive time on a monotonic clock; it can be left out if that is the clock of `rts`, as in a recording.
   */
  add(event: FeedEvent, steadyMs?: number): void;
  /**
   * Returns the ticker if it changed since the last call and a price is known. `ts` and `rts` are the newest event's.
   */
  take(): Ticker | undefined;
  /** The best prices of now; undefined before the first, and while trades go on without any. */
  readonly quote: Quote | undefined;
  /** `outsideDay`: trades older than the day; `ahead`: events left out because of an absurd time. */
  readonly counters: { readonly outsideDay: number; readonly ahead: number };
}

type Stats = Extract<FeedEvent, { kind: 'stats' }>['stats'];
type Draft = { -readonly [Key in keyof Ticker]: Ticker[Key] };

const dayMs = 86_400_000;

export const createTickerBuilder = ({ venue, symbol }: Instrument): TickerBuilder => {
  const day = createDayWindow();
  const counters = { outsideDay: 0, ahead: 0 };
  let last: { price: string; ts: number } | undefined;
  let quote: Quote | undefined;
  let stats: Stats | undefined;
  /** High and low of the trades since the venue's last statistics. */
  let highSince: string | undefined;
  let lowSince: string | undefined;
  let header = { ts: 0, rts: 0 };
  let changed = false;

  /** The newest event shows that a clock was set: the last price may be older than its time says. */
  let hasStepped = false;

  /** Separate, because quotes without their own time have ours. */
  const paces = createPaces();

  const times = { trade: createAbsurdTimes(), quote: createAbsurdTimes(), stats: createAbsurdTimes() };

  /** False for an event that is not believed. */
  const touch = (kind: keyof typeof times, { ts, rts }: { ts: number; rts: number }, steadyMs = rts): boolean => {
    const verdict = times[kind].judge({ ts, rts }, steadyMs);
    if (verdict === 'absurd') {
      counters.ahead += 1;
      return false;
    }
    hasStepped = verdict === 'stepped';
    header = { ts, rts };
    changed = true;
    return true;
  };

  const add = (event: FeedEvent, steadyMs?: number): void => {
    switch (event.kind) {
      case 'trade': {
        const { trade } = event;
        if (!touch('trade', trade, steadyMs)) return;
        paces.quotes.traded(steadyMs ?? trade.rts, isOutside(quote, trade.price));
        paces.statistics.traded(steadyMs ?? trade.rts, true);
        if (!day.add(trade.ts, trade.price, trade.size)) counters.outsideDay += 1;
        // A refilled trade is late: it counts for the day, but is not the last price.
        if (!last || trade.ts >= last.ts || hasStepped) last = { price: trade.price, ts: trade.ts };
        if (stats) {
          highSince = higher(highSince, trade.price);
          lowSince = lower(lowSince, trade.price);
        }
        break;
      }
      case 'quote':
        if (!touch('quote', event.quote, steadyMs)) return;
        paces.quotes.reported(steadyMs ?? event.quote.rts);
        quote = event.quote;
        break;
      case 'stats':
        if (!touch('stats', event.stats, steadyMs)) return;
        paces.statistics.reported(steadyMs ?? event.stats.rts);
        stats = withOpen(event.stats);
        highSince = undefined;
        lowSince = undefined;
        if (stats.last !== undefined && (!last || stats.ts >= last.ts || hasStepped))
          last = { price: stats.last, ts: stats.ts };
        break;
      default:
    }
  };

  /** `reported` is undefined while the venue's statistics are old. */
  const withVenueStats = (ticker: Draft, reported: Stats | undefined): void => {
    const own = day.watchedMs() >= dayMs ? day.summary() : undefined;
    const high = reported?.high24h ?? own?.high;
    const low = reported?.low24h ?? own?.low;
    assign(ticker, 'open24h', reported?.open24h ?? own?.open);
    if (high !== undefined) ticker.high24h = higher(reported && highSince, higher(high, ticker.last));
    if (low !== undefined) ticker.low24h = lower(reported && lowSince, lower(low, ticker.last));
    assign(ticker, 'volume24h', reported?.volume24h ?? own?.volume);
    assign(ticker, 'quoteVolume24h', reported?.quoteVolume24h ?? own?.quoteVolume);
    assign(ticker, 'vwap24h', reported?.vwap24h ?? own?.vwap);
    assign(ticker, 'change24h', reported?.change24h);
    assign(ticker, 'changePct24h', reported?.changePct24h);
  };

  const quoteNow = (): Quote | undefined => (paces.quotes.isOld ? undefined : quote);

  const take = (): Ticker | undefined => {
    if (!changed || !last) return undefined;
    changed = false;
    day.advance(header.ts);
    const ticker: Draft = { type: 'price.ticker', venue, symbol, ts: header.ts, rts: header.rts, last: last.price };
    const reported = paces.statistics.isOld ? undefined : stats;
    const bid = quoteNow() ?? reported;
    assign(ticker, 'bid', bid?.bid);
    assign(ticker, 'bidSize', bid?.bidSize);
    assign(ticker, 'ask', bid?.ask);
    assign(ticker, 'askSize', bid?.askSize);
    if (stats && givesStatistics(stats)) withVenueStats(ticker, reported);
    else withOwnStats(ticker, day.summary());
    if (ticker.open24h !== undefined) addChange(ticker, ticker.open24h);
    return ticker;
  };

  return {
    add,
    take,
    get quote() {
      return quoteNow();
    },
    counters,
  };
};

const withOwnStats = (ticker: Draft, summary: DaySummary | undefined): void => {
  if (!summary) return;
  ticker.open24h = summary.open;
  ticker.high24h = higher(summary.high, ticker.last);
  ticker.low24h = lower(summary.low, ticker.last);
  ticker.volume24h = summary.volume;
  ticker.quoteVolume24h = summary.quoteVolume;
  assign(ticker, 'vwap24h', summary.vwap);
};

/** Percent to three decimals, rounded half up in magnitude, as Binance prints it: `-1.234`. */
const addChange = (ticker: Draft, open: string): void => {
  const change = Big(ticker.last).minus(open);
  ticker.change24h = change.toFixed();
  if (Big(open).cmp(0) > 0) ticker.changePct24h = change.times(100).div(open).toFixed(3);
};

const withOpen = (stats: Stats): Stats => {
  const open24h = openingPrice(stats);
  return open24h === stats.open24h || open24h === undefined ? stats : { ...stats, open24h };
};

const givesStatistics = (stats: Stats): boolean =>
  stats.open24h !== undefined || stats.high24h !== undefined || stats.volume24h !== undefined;

const assign = <Key extends keyof Draft>(ticker: Draft, key: Key, value: Draft[Key] | undefined): void => {
  if (value !== undefined) ticker[key] = value;
};

const higher = (a: string | undefined, b: string): string => (a === undefined || compareDecimals(b, a) > 0 ? b : a);
const lower = (a: string | undefined, b: string): string => (a === undefined || compareDecimals(b, a) < 0 ? b : a);
