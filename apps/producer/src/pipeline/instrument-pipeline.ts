import { createTickerBuilder, type FeedEvent, type Quote } from '@tickwire/market';
import type { Bar, Gap, Health, MarketMessage, Ticker } from '@tickwire/protocol';
import { createForecasting, type Forecasting } from './forecasting.js';
import {
  type BarPast,
  createInstrumentBars,
  type InstrumentBars,
  type InstrumentBarsOptions,
} from './instrument-bars.js';
import { createStreamHealth, type Trouble } from './stream-health.js';

export interface InstrumentPipelineOptions extends InstrumentBarsOptions {
  /** At most one ticker in this time. */
  readonly tickerMs: number;
  readonly publish: (message: MarketMessage) => void;
}

/**
 * Turns the events of one instrument into what is published: trades, bars, tickers, forecasts, gaps, health.
 *
 * `nowMs` labels: it is on the clock that stamps the events, which may step. `steadyMs` is the same moment on one that does
 * not, and measures; in the time of a recording the two are one, and an event happens at its receive time.
 */
export interface InstrumentPipeline {
  /** Events in the order of the feed. */
  add(event: FeedEvent, steadyMs?: number): void;
  /** Does what time alone demands: closes bars, publishes tickers, forecasts and health. */
  advance(nowMs: number, steadyMs?: number): void;
  /** Closed minutes wait for what was before them; see `InstrumentBars`. */
  hold(): void;
  /** Publishes what waited, and before it so many of the newest bars of the past that are not published yet. */
  fill(past: BarPast, mostPast: number): void;
  /** Minutes that lack trades, and as the venue has them; see `InstrumentBars`. */
  readonly lacking: InstrumentBars['lacking'];
  mend(minutes: readonly Bar[]): void;
  readonly giveUp: InstrumentBars['giveUp'];
  health(nowMs: number, steadyMs?: number): Health;
  readonly lastTrouble: Trouble | undefined;
  readonly venue: string;
  readonly symbol: string;
  /** Digits after the point that prices have: by the venue's word, or else of all prices seen; undefined before any. */
  readonly priceDecimals: number | undefined;
  /** What the bars of each interval did not hold. */
  readonly bars: InstrumentBars['counters'];
  /** What the forecasts have learnt, to be kept over a restart. */
  readonly forecasting: Pick<Forecasting, 'snapshot' | 'restore' | 'warm' | 'badPrices'>;
}

/** Health is told when it changes, and again after this: its age and a reader's trust in it are as fresh as this. */
const healthMs = 5_000;

export const createInstrumentPipeline = (options: InstrumentPipelineOptions): InstrumentPipeline => {
  const { venue, symbol, tickerMs, publish, onDroppedTrade } = options;
  const instrument = { venue, symbol };
  const bars = createInstrumentBars({ ...instrument, onDroppedTrade });
  const tickers = createTickerBuilder(instrument);
  const forecasting = createForecasting(instrument);
  const stream = createStreamHealth(instrument);
  let ticker: Ticker | undefined;
  let quote: Quote | undefined;
  /** In steady time, as is all that is due. */
  let tickerDueAt = Number.NEGATIVE_INFINITY;
  /** Undefined before the feed said anything: there is nothing to repeat. */
  let healthDueAt: number | undefined;
  let tradedTs: number | undefined;
  let hasEnded = false;
  let venueDecimals: number | undefined;
  /** Only grows: one price may happen to end in zeros. */
  let seenDecimals: number | undefined;

  const publishAll = (messages: readonly Bar[]): void => {
    for (const message of messages) {
      // Behind the last trade of a recording there is no market, and so there are no empty bars.
      if (!hasEnded || message.start <= (tradedTs ?? 0)) publish(message);
    }
  };

  const publishHealth = (nowMs: number, steadyMs: number): void => {
    healthDueAt = steadyMs + healthMs;
    publish(stream.message(nowMs, steadyMs));
  };

  const publishTicker = (changed: Ticker, steadyMs: number): void => {
    // Only by the venue's word: forecasts take it for one.
    const precision = venueDecimals !== undefined && { priceDecimals: venueDecimals };
    ticker = { ...changed, ...precision, ageMs: stream.ageMs(steadyMs) };
    tickerDueAt = steadyMs + tickerMs;
    publish(ticker);
  };

  return {
    forecasting,

    add(event, steadyMs) {
      // Bars that this trade closes come before it.
      publishAll(bars.add(event, steadyMs));
      tickers.add(event);
      const isNews = stream.add(event, steadyMs);
      switch (event.kind) {
        case 'trade':
          tradedTs = Math.max(tradedTs ?? 0, event.trade.ts);
          seenDecimals = Math.max(seenDecimals ?? 0, decimalsOf(event.trade.price));
          publish(event.trade);
          break;
        case 'quote':
          quote = event.quote;
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
        // A price nobody renews must not look fresh to those who come later.
        if (ticker !== undefined && !stream.isLive) publishTicker(ticker, steadyMs);
      }
      const forecast = forecasting.advance(
        { wall: nowMs, monotonic: steadyMs },
        { ticker, quote, isLive: stream.isLive, ts: ticker?.ts ?? nowMs, tradedTs },
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
      return venueDecimals ?? seenDecimals;
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

/** Its `ts` is that of the trade before: every producer that sees the gap says the same. */
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
