import { MarketError, shownText } from '../errors.js';
import type { FeedEvent, Instrument } from '../feed.js';

/** A price without a trade: the close of a bar, or a row without size or taker. */
export interface RecordedPrice extends Instrument {
  readonly kind: 'price';
  readonly ts: number;
  readonly rts: number;
  readonly price: string;
  /** Start of the bar with this close; `ts` is its end. */
  readonly barStart?: number;
}

export type RecordedEvent = FeedEvent | RecordedPrice;

/** The content of a line of a recording, and its receive time. */
export interface RecordedLine {
  /** From 1, in the unpacked file; 0 for events that were held back until the end. */
  readonly number: number;
  readonly rts: number;
  readonly events: readonly RecordedEvent[];
  /** Why a good line has no events: the kind of frame, another instrument, an empty bar. */
  readonly ignored?: string;
  /** Why entries of the line were left out, such as bad trades among good ones. */
  readonly bad?: readonly string[];
}

export type ParsedLine = Omit<RecordedLine, 'number'>;

export interface LineParser {
  /** @throws MarketError `bad-line`, `bad-frame` or `bad-decimal` */
  parse(line: string): ParsedLine;
  /** Whether a line is not data: headers and comments. */
  isHeader(line: string): boolean;
  /** Returns the events held back for ordering. */
  end(): readonly FeedEvent[];
}

export const badLine = (expected: string, got: string): MarketError =>
  new MarketError('bad-line', `expected ${expected}, got ${shownText(got)}`);
