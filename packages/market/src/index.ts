export {
  type BarBuilder,
  type BarBuilderOptions,
  type BarCounters,
  createBarBuilder,
} from './bars/bar-builder.js';
export { mapBinanceFrame } from './binance/binance-frames.js';
export { binanceQuoteAssets, binanceSymbolMap, guessBinanceSymbol, type SymbolMap } from './binance/binance-symbols.js';
export { createSystemClock } from './clock.js';
export { compareDecimals, expandExponent, isDecimal } from './decimal/decimal.js';
export { MarketError, type MarketErrorCode } from './errors.js';
export type { Clock, Feed, FeedEvent, Instrument, Quote } from './feed.js';
export { type DiscoverOptions, discoverInstruments } from './replay/discover-instruments.js';
export type { RecordingFormat } from './replay/recording-formats.js';
export {
  type BadLine,
  createReplayFeed,
  type ReplayCounters,
  type ReplayFeed,
  type ReplayFeedOptions,
} from './replay/replay-feed.js';
export { createSimulatedFeed, type SimulatedFeed, type SimulatedFeedOptions } from './simulated/simulated-feed.js';
export { type SimulatedMarket, simulatedMarket } from './simulated/simulated-markets.js';
export { createDayWindow, type DayMinute, type DaySummary, type DayWindow } from './ticker/day-window.js';
export { createTickerBuilder, type TickerBuilder, type TickerBuilderOptions } from './ticker/ticker-builder.js';
