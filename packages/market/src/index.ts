export type { Clock, Feed, FeedEvent, Instrument, Quote } from './feed.js';
