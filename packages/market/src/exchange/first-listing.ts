import type { Clock } from '@tickwire/protocol';
import { createBackoff } from './backoff.js';
import type { NoticeBody } from './exchange-status.js';
import { pairsOf, unlistedText } from './listing.js';
import { choosePairs, isOpenChoice } from './symbol-choice.js';
import type { Market, Pair } from './venue.js';

export interface FirstListingOptions {
  readonly venue: string;
  /** Symbols and patterns; see `choosePairs`. */
  readonly words: readonly string[];
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly read: () => Promise<Market>;
  /** Receives the chosen pairs, once. */
  readonly onListed: (chosen: readonly Pair[]) => Promise<void>;
  /** These symbols are not followed, at least not yet. */
  readonly onDown: (symbols: readonly string[], reason: string) => void;
  readonly onNotice: (notice: NoticeBody) => void;
}

/** A venue's list at the start: without it no name is safe to subscribe to, so the feed waits for it. */
export interface FirstListing {
  /**
   * Resolves after the first reading, and after `onListed` if that succeeded; a failed one is repeated. `known` replaces
   * the reading. @throws MarketError `unknown-symbol`
   */
  begin(known?: Market): Promise<void>;
  /** Idempotent. */
  close(): void;
}

export const createFirstListing = (options: FirstListingOptions): FirstListing => {
  const { venue, words, clock, random, read, onListed, onDown, onNotice } = options;
  const named = words.filter((word) => !isOpenChoice(word));
  const backoff = createBackoff({ random, baseMs: 2_000 });
  let isClosed = false;
  let undo: (() => void) | undefined;

  const retryLater = (): void => {
    const waitMs = 1_000 + backoff.nextMs();
    const failed = (error: Error): void => {
      if (isClosed) return;
      onNotice({ kind: 'listing-failed', reason: error.message, waitMs });
      retryLater();
    };
    undo = clock.after(waitMs, () => void read().then(takeLate, failed));
  };

  /** The feed has started already: a name that is not listed cannot stop it any more. */
  const takeLate = async (market: Market): Promise<void> => {
    if (isClosed) return;
    const chosen = choosePairs(words, market);
    const found = new Set(chosen.map(({ symbol }) => symbol));
    const unknown = named.filter((symbol) => !found.has(symbol));
    if (unknown.length > 0) {
      const reason = unlistedText(venue, unknown, market.listed);
      onDown(unknown, reason);
      onNotice({ kind: 'unlisted', reason });
    }
    onNotice({ kind: 'listed', symbols: chosen.length });
    await onListed(chosen);
  };

  return {
    async begin(known) {
      let market = known;
      try {
        market ??= await read();
      } catch (error) {
        if (isClosed) return;
        const reason = error instanceof Error ? error.message : String(error);
        if (named.length > 0) onDown(named, `${venue} does not list its symbols: ${reason}`);
        onNotice({ kind: 'listing-failed', reason });
        retryLater();
        return;
      }
      if (isClosed) return;
      pairsOf(venue, named, market.listed);
      const chosen = choosePairs(words, market);
      if (known === undefined) onNotice({ kind: 'listed', symbols: chosen.length });
      await onListed(chosen);
    },
    close() {
      isClosed = true;
      undo?.();
    },
  };
};
