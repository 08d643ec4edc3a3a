export { type BarCounters, type BuiltInterval, createBarBuilder } from './bars/bar-builder.js';
export { createBarFolder } from './bars/bar-folder.js';
export type { CcxtExchange, CcxtModule } from './ccxt/ccxt-exchange.js';
export { createCcxtFeed, readCcxtMarket } from './ccxt/ccxt-feed.js';
export { MarketError, messageOf, shownText } from './errors.js';
export { createCombinedFeed } from './exchange/combined-feed.js';
export { createExchangeFeed, type ExchangeFeed, type ExchangeFeedOptions } from './exchange/exchange-feed.js';
export type { ExchangeFeedStatus, FeedNotice } from './exchange/exchange-status.js';
export type { HttpGet } from './exchange/http.js';
export { readMarket, unlistedText, unmatchedText } from './exchange/listing.js';
export type { OpenSocket } from './exchange/socket.js';
export { choosePairs, isOpenChoice, isSymbolChoice } from './exchange/symbol-choice.js';
export type { Market, Pair, Venue } from './exchange/venue.js';
export { isVenueName, type VenueName, venueNames, venueOf } from './exchange/venues.js';
export {
  type Feed,
  type FeedEvent,
  type Instrument,
  instrumentOf,
  type LastTrades,
  middleOf,
  type PastInterval,
  type PastQuery,
  type Quote,
} from './feed.js';
export { createRecorder, type Recorder, type RecorderOptions } from './recorder/recorder.js';
export { makeFolder } from './recorder/segment.js';
export { discoverInstruments, requireUsableLine } from './replay/discover-instruments.js';
export { createTimeCheck } from './replay/file-time.js';
export { inspectRecording, type RecordingInfo } from './replay/inspect-recording.js';
export type { RecordedEvent, RecordedLine } from './replay/recorded-line.js';
export { createRecordingReader } from './replay/recording-reader.js';
export { createReplayFeed, type ReplayFeed } from './replay/replay-feed.js';
export { createSimulatedFeed } from './simulated/simulated-feed.js';
export { createTickerBuilder } from './ticker/ticker-builder.js';
