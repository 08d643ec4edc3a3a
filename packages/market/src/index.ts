export {
  type BarBuilder,
  type BarBuilderOptions,
  type BarCounters,
  createBarBuilder,
} from './bars/bar-builder.js';
export { mapBinanceFrame } from './binance/binance-frames.js';
export { binanceQuoteAssets, binanceSymbolMap, guessBinanceSymbol, type SymbolMap } from './binance/binance-symbols.js';
export type { CcxtExchange, CcxtModule } from './ccxt/ccxt-exchange.js';
export { type CcxtFeedOptions, createCcxtFeed, listCcxtSymbols } from './ccxt/ccxt-feed.js';
export { compareDecimals, expandExponent, isDecimal, isPrice } from './decimal/decimal.js';
export { MarketError, type MarketErrorCode } from './errors.js';
export type { ClockOffset } from './exchange/clock-offset.js';
export { createCombinedFeed } from './exchange/combined-feed.js';
export {
  createExchangeFeed,
  type ExchangeFeed,
  type ExchangeFeedOptions,
} from './exchange/exchange-feed.js';
export type { ExchangeFeedStatus } from './exchange/exchange-status.js';
export type { FeedNotice, RawFrame } from './exchange/feed-notice.js';
export type { HttpGet, HttpResponse } from './exchange/http.js';
export type { InstrumentStatus } from './exchange/instrument.js';
export { type ListSymbolsOptions, listSymbols, nearestSymbols, unlistedText } from './exchange/listing.js';
export type { OpenSocket, Socket, SocketClosure, SocketHandlers } from './exchange/socket.js';
export type { Pair, Venue } from './exchange/venue.js';
export { isVenueName, type VenueName, venueNames, venueOf } from './exchange/venues.js';
export type { Feed, FeedEvent, Instrument, LastTrades, Quote } from './feed.js';
export { createRecorder, type Recorder, type RecorderCounters, type RecorderOptions } from './recorder/recorder.js';
export type { RecordingHeader } from './recorder/recording-format.js';
export { type DiscoverOptions, discoverInstruments } from './replay/discover-instruments.js';
export { createTimeCheck, type TimeCheck } from './replay/file-time.js';
export { type InspectOptions, inspectRecording, type RecordingInfo } from './replay/inspect-recording.js';
export type { RecordedEvent, RecordedLine, RecordedPrice } from './replay/recorded-line.js';
export type { RecordingFormat } from './replay/recording-formats.js';
export {
  type BadLine,
  createRecordingReader,
  type RecordingCounters,
  type RecordingReader,
  type RecordingReaderOptions,
} from './replay/recording-reader.js';
export {
  createReplayFeed,
  type ReplayCounters,
  type ReplayFeed,
  type ReplayFeedOptions,
} from './replay/replay-feed.js';
export { shownText } from './replay/shown-text.js';
export { createSimulatedFeed, type SimulatedFeed, type SimulatedFeedOptions } from './simulated/simulated-feed.js';
export { type SimulatedMarket, simulatedMarket } from './simulated/simulated-markets.js';
export { createDayWindow, type DayMinute, type DaySummary, type DayWindow } from './ticker/day-window.js';
export { createTickerBuilder, type TickerBuilder, type TickerBuilderOptions } from './ticker/ticker-builder.js';
