import type { LinkNotice } from './link.js';

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
  | { readonly kind: 'unlisted' | 'listing-failed'; readonly reason: string; readonly waitMs?: number };
