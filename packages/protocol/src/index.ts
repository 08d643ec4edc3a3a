export { type BarPart, foldBars, partOf } from './bars/fold-bars.js';
export { isPeriodName, longestPart, type Period, type PeriodName, periodNames, periodOf } from './bars/period.js';
export {
  type CatalogEntry,
  catalogEntrySchema,
  catalogGroup,
  catalogGroupOf,
  catalogPartSchema,
  catalogSchema,
  isReservedGroup,
  partSchema,
  reservedPrefix,
} from './catalog.js';
export {
  type BarInterval,
  barIntervals,
  barKind,
  type ChannelKind,
  changedLetters,
  channelKinds,
  channelName,
  hasChannels,
  isBarInterval,
  isGroupName,
  isSymbol,
  isVenue,
  maxSymbolLength,
  parseChannelName,
} from './channel-names.js';
export { type Clock, createSystemClock } from './clock.js';
export { type CloseCode, type CloseCodes, type CloseReason, closeCodeOf, closeCodes } from './close-codes.js';
export {
  addDecimal,
  addProduct,
  addSum,
  compareDecimals,
  type DecimalSum,
  emptySum,
  formatQuotient,
  formatSum,
  subtractSum,
} from './decimal.js';
export {
  amount,
  maxPriceDecimals,
  type Position,
  type Published,
  positionSchema,
  price,
  publishedSchema,
  time,
} from './fields.js';
export {
  type Forecast,
  type ForecastHorizon,
  type ForecastScores,
  forecastHorizonSchema,
  forecastScoresSchema,
  type IntervalLevel,
} from './forecast.js';
export {
  type Bar,
  barSchema,
  channelMessageSchemas,
  channelOf,
  type FeedState,
  type Gap,
  type Health,
  type MarketMessage,
  type MarketMessageType,
  type Side,
  type Ticker,
  type Trade,
  tradeSchema,
} from './messages.js';
export { channelSchema, currentPriceSchema, noticeSchemas } from './notices.js';
export {
  type AdminAct,
  adminActs,
  type GatewayState,
  gatewayStateSchema,
  type HeardProducer,
  type OperatorView,
  operatorViewSchema,
  type ProducerState,
  producerStateSchema,
} from './operators.js';
export { channelMatcher, everyChannel, isChannelPattern } from './own/channel-patterns.js';
export {
  createOwnChannels,
  InvalidOwnChannels,
  type OwnChannelOptions,
  type OwnChannelRule,
  type OwnChannels,
  parseOwnChannels,
} from './own/own-channels.js';
export { freeDataType, type GivenPublication, type OwnSymbol, ownMessage } from './own/own-message.js';
export { createTimers } from './timers.js';
