import { createBarBuilder, createTickerBuilder, type FeedEvent, type Instrument, type Quote } from '@tickwire/market';
import type { Bar, Gap, Health, MarketMessage, Ticker } from '@tickwire/protocol';
import { createForecasting, type Forecasting } from './forecasting.js';
import { createStreamHealth, type Trouble } from './stream-health.js';

export interface InstrumentPipelineOptions extends Instrument {
  /** At most one ticker in this time. */
  readonly tickerMs: number;
  readonly publish: (message: MarketMessage) => void;
}

/** Turns the events of one instrument into what is published: trades, bars, tickers, forecasts, gaps, health. */
export interface InstrumentPipeline {
  /** Events in the order of the feed. */
  add(event: FeedEvent): void;
  /** Does what time alone demands: closes bars, publishes tickers, forecasts and health. `nowMs` is on the feed's timeline. */
  advance(nowMs: number): void;
  health(nowMs: number): Health;
  readonly lastTrouble: Trouble | undefined;
  /** What the forecasts have learnt, to be kept over a restart. */
  readonly forecasting: Pick<Forecasting, 'snapshot' | 'restore'>;
}

/** Health is told when it changes, and again after this: its age and a reader's trust in it are as fresh as this. */
const healthMs = 5_000;

export const createInstrumentPipeline = (options: InstrumentPipelineOptions): InstrumentPipeline => {
  const { venue, symbol, tickerMs, publish } = options;
  const instrument = { venue, symbol };
  const bars = (['1s', '1m'] as const).map((interval) => createBarBuilder({ ...instrument, interval }));
  const tickers = createTickerBuilder(instrument);
  const forecasting = createForecasting(instrument);
  const stream = createStreamHealth(instrument);
  let ticker: Ticker | undefined;
  let quote: Quote | undefined;
  let tickerDueAt = 0;
  /** Undefined before the feed said anything: there is nothing to repeat. */
  let healthDueAt: number | undefined;
  let tradedTs: number | undefined;

  const publishAll = (messages: readonly Bar[]): void => {
    for (const message of messages) publish(message);
  };

  const publishHealth = (nowMs: number): void => {
    healthDueAt = nowMs + healthMs;
    publish(stream.message(nowMs));
  };

  const publishTicker = (changed: Ticker, nowMs: number): void => {
    ticker = { ...changed, ageMs: stream.message(nowMs).ageMs };
    tickerDueAt = nowMs + tickerMs;
    publish(ticker);
  };

  return {
    forecasting,

    add(event) {
      // Bars that this trade closes come before it.
      for (const builder of bars) publishAll(builder.add(event));
      tickers.add(event);
      const isNews = stream.add(event);
      switch (event.kind) {
        case 'trade':
          tradedTs = Math.max(tradedTs ?? 0, event.trade.ts);
          publish(event.trade);
          break;
        case 'quote':
          quote = event.quote;
          break;
        case 'gap':
          publish(gapMessage(event.gap, tradedTs));
          break;
        case 'state':
          if (isNews) publishHealth(event.state.rts);
          break;
        default:
      }
    },

    advance(nowMs) {
      for (const builder of bars) publishAll(builder.flush(nowMs));
      if (nowMs >= tickerDueAt) {
        const changed = tickers.take();
        if (changed !== undefined) publishTicker(changed, nowMs);
      }
      if (healthDueAt !== undefined && nowMs >= healthDueAt) {
        publishHealth(nowMs);
        // A price nobody renews must not look fresh to those who come later.
        if (ticker !== undefined && !stream.isLive) publishTicker(ticker, nowMs);
      }
      const forecast = forecasting.advance(nowMs, {
        ...{ ticker, quote, isLive: stream.isLive, ts: ticker?.ts ?? nowMs },
      });
      if (forecast !== undefined) publish(forecast);
    },

    health: stream.message,
    get lastTrouble() {
      return stream.lastTrouble;
    },
  };
};

/** Its `ts` is that of the trade before: every producer that sees the gap says the same. */
const gapMessage = (
  { venue, symbol, afterId, beforeId, rts }: Extract<FeedEvent, { kind: 'gap' }>['gap'],
  tradedTs = rts,
): Gap => {
  const missing = Number(beforeId) - Number(afterId) - 1;
  return {
    ...{ type: 'feed.gap', venue, symbol, ts: tradedTs, rts },
    ...(afterId !== undefined && { afterId }),
    ...(beforeId !== undefined && { beforeId }),
    ...(missing > 0 && { missing }),
  };
};
