import { createTickerBuilder, type FeedEvent } from '@tickwire/market';
import type { Bar, Gap, Health, MarketMessage, Ticker } from '@tickwire/protocol';
import { createForecasting, type Forecasting } from './forecasting.js';
import {
  type BarPast,
  createInstrumentBars,
  type InstrumentBars,
  type InstrumentBarsOptions,
} from './instrument-bars.js';
import { usedDecimals } from './price-precision.js';
import { createStreamHealth, type Trouble } from './stream-health.js';

export interface InstrumentPipelineOptions extends InstrumentBarsOptions {
  /** Shortest time between two tickers. */
  readonly tickerMs: number;
  readonly publish: (message: MarketMessage) => void;
}

/**
 * Turns the events of one instrument into messages: trades, bars, tickers, forecasts, gaps, health. `nowMs` is for
 * labels: it comes from the clock that stamps the events, which may step. `steadyMs` is the same moment on a monotonic
 * clock, and is for measuring. In a recording both are the same, and an event happens at its receive time.
 */
export interface InstrumentPipeline {
  /** Takes events in the order of the feed. */
  add(event: FeedEvent, steadyMs?: number): void;
  /** Does what is due: closes bars, publishes tickers, forecasts and health. */
  advance(nowMs: number, steadyMs?: number): void;
  /** Makes closed minutes wait for the past; see `InstrumentBars`. */
  hold(): void;
  /** Publishes at most `mostPast` unpublished past bars, the newest ones, then the bars that waited for them. */
  fill(past: BarPast, mostPast: number): void;
  /** See `InstrumentBars`. */
  readonly lacking: InstrumentBars['lacking'];
  mend(minutes: readonly Bar[]): void;
  readonly giveUp: InstrumentBars['giveUp'];
  health(nowMs: number, steadyMs?: number): Health;
  readonly lastTrouble: Trouble | undefined;
  readonly venue: string;
  readonly symbol: string;
  /** Decimals of prices: stated by the venue, or else the most seen so far; undefined before any price. */
  readonly priceDecimals: number | undefined;
  /** Losses of the bars of each interval. */
  readonly bars: InstrumentBars['counters'];
  /** The forecasts, whose state is kept over a restart. */
  readonly forecasting: Pick<Forecasting, 'snapshot' | 'restore' | 'warm' | 'badPrices'>;
}

/** Health is published on each change, and again after this time, so that its age is current. */
const healthMs = 5_000;

export const createInstrumentPipeline = (options: InstrumentPipelineOptions): InstrumentPipeline => {
  const { venue, symbol, tickerMs, publish, onDroppedTrade } = options;
  const instrument = { venue, symbol };
  const bars = createInstrumentBars({ ...instrument, onDroppedTrade });
  const tickers = createTickerBuilder(instrument);
  const forecasting = createForecasting(instrument);
  const stream = createStreamHealth(instrument);
  let ticker: Ticker | undefined;
  /** In steady time, like every due time. */
  let tickerDueAt = Number.NEGATIVE_INFINITY;
  /** Undefined before the first event: there is nothing to repeat. */
  let healthDueAt: number | undefined;
  let tradedTs: number | undefined;
  let hasEnded = false;
  let venueDecimals: number | undefined;
  /** Venues make their ticks finer while we run, and state that only in a listing. */
  let usedMost = 0;
  /** Never decreases, because a price may happen to end in zeros. */
  let seenDecimals: number | undefined;

  const publishAll = (messages: readonly Bar[]): void => {
    for (const message of messages) {
      // After the last trade of a recording there is no market, and so there are no empty bars.
      if (!hasEnded || message.start <= (tradedTs ?? 0)) publish(message);
    }
  };

  const publishHealth = (nowMs: number, steadyMs: number): void => {
    healthDueAt = steadyMs + healthMs;
    publish(stream.message(nowMs, steadyMs));
  };

  const statedDecimals = (): number | undefined =>
    venueDecimals === undefined ? undefined : Math.max(venueDecimals, usedMost);

  const publishTicker = (changed: Ticker, steadyMs: number): void => {
    // Only the venue's own precision: forecasts rely on it.
    const stated = statedDecimals();
    const precision = stated !== undefined && { priceDecimals: stated };
    ticker = { ...changed, ...precision, ageMs: stream.ageMs(steadyMs) };
    tickerDueAt = steadyMs + tickerMs;
    publish(ticker);
  };

  return {
    forecasting,

    add(event, steadyMs) {
      // Bars that this trade closes are published before it.
      publishAll(bars.add(event, steadyMs));
      tickers.add(event, steadyMs);
      const isNews = stream.add(event, steadyMs);
      switch (event.kind) {
        case 'trade':
          tradedTs = Math.max(tradedTs ?? 0, event.trade.ts);
          usedMost = Math.max(usedMost, usedDecimals(event.trade.price));
          seenDecimals = Math.max(seenDecimals ?? 0, decimalsOf(event.trade.price));
          publish(event.trade);
          break;
        case 'gap':
          publish(gapMessage(event.gap, tradedTs));
          break;
        case 'state':
          venueDecimals = event.state.priceDecimals ?? venueDecimals;
          if (isNews) publishHealth(event.state.rts, steadyMs ?? event.state.rts);
          break;
        case 'end':
          hasEnded = true;
          break;
        default:
      }
    },

    advance(nowMs, steadyMs = nowMs) {
      publishAll(bars.flush(nowMs, steadyMs));
      if (steadyMs >= tickerDueAt) {
        const changed = tickers.take();
        if (changed !== undefined) publishTicker(changed, steadyMs);
      }
      if (healthDueAt !== undefined && steadyMs >= healthDueAt) {
        publishHealth(nowMs, steadyMs);
        // A price that is not renewed must not look fresh to new clients.
        if (ticker !== undefined && !stream.isLive) publishTicker(ticker, steadyMs);
      }
      const forecast = forecasting.advance(
        { wall: nowMs, monotonic: steadyMs },
        { ticker, quote: tickers.quote, isLive: stream.isLive, ts: ticker?.ts ?? nowMs, tradedTs },
      );
      if (forecast !== undefined) publish(forecast);
    },

    hold: bars.hold,

    fill(barPast, mostPast) {
      const { past, live } = bars.fill(barPast);
      publishAll(past.slice(Math.max(0, past.length - mostPast)));
      publishAll(live);
    },

    lacking: bars.lacking,
    mend: (minutes) => publishAll(bars.mend(minutes)),
    giveUp: bars.giveUp,

    venue,
    symbol,
    health: stream.message,
    bars: bars.counters,
    get priceDecimals() {
      return statedDecimals() ?? seenDecimals;
    },
    get lastTrouble() {
      return stream.lastTrouble;
    },
  };
};

const decimalsOf = (price: string): number => {
  const point = price.indexOf('.');
  return point < 0 ? 0 : price.length - point - 1;
};

/** `ts` is that of the last trade before the gap, so that every producer publishes the same. */
const gapMessage = (
  { venue, symbol, afterId, beforeId, rts }: Extract<FeedEvent, { kind: 'gap' }>['gap'],
  tradedTs = rts,
): Gap => {
  const missing = Number(beforeId) - Number(afterId) - 1;
  return {
    type: 'feed.gap',
    venue,
    symbol,
    ts: tradedTs,
    rts,
    ...(afterId !== undefined && { afterId }),
    ...(beforeId !== undefined && { beforeId }),
    ...(missing > 0 && { missing }),
  };
};
