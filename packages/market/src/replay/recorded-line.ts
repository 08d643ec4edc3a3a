import { MarketError, shownText } from '../errors.js';
import type { FeedEvent, Instrument } from '../feed.js';

/** A price without a trade: the close of a bar, or a row that names no size or no taker. */
export interface RecordedPrice extends Instrument {
  readonly kind: 'price';
  readonly ts: number;
  readonly rts: number;
  readonly price: string;
  /** When the bar began whose close this is; `ts` is its end. */
  readonly barStart?: number;
}

export type RecordedEvent = FeedEvent | RecordedPrice;

/** What a line of a recording says, and when it was received. */
export interface RecordedLine {
  /** From 1, in the unpacked file; 0 for what was held back until the end. */
  readonly number: number;
  readonly rts: number;
  readonly events: readonly RecordedEvent[];
  /** Why a good line has no events: the kind of frame, another instrument, an empty bar. */
  readonly ignored?: string;
  /** Why entries of it were left out, as bad trades among good ones. */
  readonly bad?: readonly string[];
}

export type ParsedLine = Omit<RecordedLine, 'number'>;

export interface LineParser {
  /** @throws MarketError `bad-line`, `bad-frame` or `bad-decimal` */
  parse(line: string): ParsedLine;
  /** Lines that are no data: headers and comments. */
  isHeader(line: string): boolean;
  /** What was held back to put it in order. */
  end(): readonly FeedEvent[];
}

export const badLine = (expected: string, got: string): MarketError =>
  new MarketError('bad-line', `expected ${expected}, got ${shownText(got)}`);
