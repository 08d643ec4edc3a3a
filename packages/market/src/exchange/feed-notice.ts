import type { LinkNotice } from './link.js';

/** A frame as it came, before anything looked at it. */
export interface RawFrame {
  readonly venue: string;
  readonly rts: number;
  readonly text: string;
}

/** What happened to a feed, for logs. */
export type FeedNotice = { readonly venue: string } & NoticeBody;

export type NoticeBody =
  | LinkNotice
  | { readonly kind: 'refused'; readonly names: readonly string[]; readonly reason: string }
  | { readonly kind: 'bad-frame'; readonly reason: string; readonly text: string }
  /** One of a list, as of trades or symbols; the others are used. */
  | { readonly kind: 'bad-entry'; readonly reason: string }
  /** What a venue lists has changed, and what is followed with it. */
  | {
      readonly kind: 'listing-changed';
      readonly joined: number;
      readonly left: number;
      /** Followed from now on. */
      readonly symbols: number;
      /** The first of them: `+NEW-USDT`, `-OLD-USDT`. */
      readonly examples: readonly string[];
    }
  | { readonly kind: 'unlisted' | 'listing-failed'; readonly reason: string; readonly waitMs?: number };
