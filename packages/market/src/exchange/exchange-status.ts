import type { ClockOffset } from './clock-offset.js';
import type { FrameCounters } from './frame-reader.js';
import type { InstrumentStatus, TradeCounters, Watched } from './instrument.js';
import type { Link, LinkConnection, LinkNotice } from './link.js';
import type { RestCounters } from './rest-client.js';

export interface ExchangeFeedStatus {
  readonly venue: string;
  /** The venue's clock minus ours; absent until measured, and if the venue sends no time. */
  readonly clockOffset?: ClockOffset;
  readonly connections: readonly LinkConnection[];
  readonly instruments: readonly InstrumentStatus[];
  readonly frames: Readonly<FrameCounters>;
  readonly trades: Readonly<TradeCounters>;
  readonly rest: Readonly<RestCounters>;
  /** Number of entries of frames, lists and answers that were left out. */
  readonly badEntries: number;
  /** Number of connections that became ready. */
  readonly connected: number;
  /** Number of connections that ended unexpectedly, ready or not. */
  readonly lost: number;
}

interface Parts {
  readonly links: readonly Link[];
  readonly watched: readonly Watched[];
  /** Counters of instruments that left, so that sums do not decrease. */
  readonly counters: Readonly<TradeCounters>;
  readonly clockOffset: ClockOffset | undefined;
}

export const statusOf = (
  own: Pick<ExchangeFeedStatus, 'venue' | 'frames' | 'rest' | 'badEntries' | 'connected' | 'lost'>,
  { links, watched, counters: before, clockOffset }: Parts,
): ExchangeFeedStatus => {
  const trades: TradeCounters = { ...before };
  for (const { counters } of watched) {
    trades.duplicates += counters.duplicates;
    trades.gaps += counters.gaps;
    trades.missing += counters.missing;
    trades.restarts += counters.restarts;
    trades.refilled += counters.refilled;
  }
  return {
    ...own,
    trades,
    ...(clockOffset && { clockOffset }),
    connections: links.flatMap((link) => link.connections),
    instruments: watched.map(({ status }) => status),
  };
};

/** A frame as it was received. */
export interface RawFrame {
  readonly venue: string;
  readonly rts: number;
  readonly text: string;
}

/** An event of a feed, for the log. */
export type FeedNotice = { readonly venue: string } & NoticeBody;

export type NoticeBody =
  | LinkNotice
  | { readonly kind: 'refused'; readonly names: readonly string[]; readonly reason: string }
  | { readonly kind: 'bad-frame'; readonly reason: string; readonly text: string }
  /** An entry of a list, such as a trade or a symbol; the others are used. */
  | { readonly kind: 'bad-entry'; readonly reason: string }
  /** The venue's list was read: the first time, or after it could not be read or was not believed. */
  | { readonly kind: 'listed'; readonly symbols: number }
  /** The venue's list changed, and with it the followed symbols. */
  | {
      readonly kind: 'listing-changed';
      readonly joined: number;
      readonly left: number;
      /** Number of symbols followed from now on. */
      readonly symbols: number;
      /** The first changes: `+NEW-USDT`, `-OLD-USDT`. */
      readonly examples: readonly string[];
    }
  /** Pairs that patterns stand for, without channels because of their names. */
  | {
      readonly kind: 'passed-over';
      readonly count: number;
      /** The first names, as the venue writes them. */
      readonly examples: readonly string[];
      readonly reason: string;
    }
  | { readonly kind: 'unlisted' | 'listing-failed'; readonly reason: string; readonly waitMs?: number };
