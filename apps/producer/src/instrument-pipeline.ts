import { createBarBuilder, createTickerBuilder, type FeedEvent, type Instrument, type Quote } from '@tickwire/market';
import type { Bar, MarketMessage, Ticker } from '@tickwire/protocol';
import { createForecasting, type Forecasting } from './forecasting.js';

export interface InstrumentPipelineOptions extends Instrument {
  /** At most one ticker in this time. */
  readonly tickerMs: number;
  readonly publish: (message: MarketMessage) => void;
}

/** Turns the events of one instrument into what is published: trades, bars, tickers, forecasts, health. */
export interface InstrumentPipeline {
  /** Events in the order of the feed. */
  add(event: FeedEvent): void;
  /** Does what time alone demands: closes bars, publishes tickers and forecasts. `nowMs` is on the feed's timeline. */
  advance(nowMs: number): void;
  /** What the forecasts have learnt, to be kept over a restart. */
  readonly forecasting: Pick<Forecasting, 'snapshot' | 'restore'>;
}

export const createInstrumentPipeline = (options: InstrumentPipelineOptions): InstrumentPipeline => {
  const { venue, symbol, tickerMs, publish } = options;
  const instrument = { venue, symbol };
  const bars = (['1s', '1m'] as const).map((interval) => createBarBuilder({ ...instrument, interval }));
  const tickers = createTickerBuilder(instrument);
  const forecasting = createForecasting(instrument);
  let ticker: Ticker | undefined;
  let quote: Quote | undefined;
  let isLive = true;
  let stateSince = 0;
  let heardAt = 0;
  let tickerDueAt = 0;

  const publishAll = (messages: readonly Bar[]): void => {
    for (const message of messages) publish(message);
  };

  return {
    forecasting,

    add(event) {
      // Bars that this trade closes come before it.
      for (const builder of bars) publishAll(builder.add(event));
      tickers.add(event);
      switch (event.kind) {
        case 'trade':
          heardAt = event.trade.rts;
          publish(event.trade);
          break;
        case 'quote':
          heardAt = event.quote.rts;
          quote = event.quote;
          break;
        case 'state': {
          const { state, rts, reason } = event.state;
          isLive = state === 'live';
          if (isLive) heardAt = Math.max(heardAt, rts);
          stateSince = rts;
          publish({
            type: 'feed.health',
            ...instrument,
            ts: rts,
            rts,
            state,
            since: stateSince,
            ageMs: Math.max(0, rts - heardAt),
            ...(reason !== undefined && { reason }),
          });
          break;
        }
        default:
      }
    },

    advance(nowMs) {
      for (const builder of bars) publishAll(builder.flush(nowMs));
      if (nowMs >= tickerDueAt) {
        const changed = tickers.take();
        if (changed !== undefined) {
          ticker = { ...changed, ageMs: Math.max(0, nowMs - heardAt) };
          tickerDueAt = nowMs + tickerMs;
          publish(ticker);
        }
      }
      const forecast = forecasting.advance(nowMs, { ticker, quote, isLive, ts: ticker?.ts ?? nowMs });
      if (forecast !== undefined) publish(forecast);
    },
  };
};
