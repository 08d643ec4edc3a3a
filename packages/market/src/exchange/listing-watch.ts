import type { Clock } from '@tickwire/protocol';
import type { NoticeBody } from './exchange-status.js';
import { choosePairs, isOpenChoice } from './symbol-choice.js';
import type { Market, Pair } from './venue.js';

export interface ListingWatchOptions {
  /** Symbols and patterns; see `choosePairs`. */
  readonly words: readonly string[];
  readonly everyMs: number;
  readonly clock: Clock;
  readonly read: () => Promise<Market>;
  /** The followed symbols. */
  readonly followed: () => readonly string[];
  /** The next reading waits for its promise. */
  readonly onChange: (joined: readonly Pair[], left: readonly string[]) => Promise<void>;
  readonly onNotice: (notice: NoticeBody) => void;
}

/** Reads a venue's list again and again: new symbols join, and missing ones leave. */
export interface ListingWatch {
  /** Does nothing without patterns: named symbols stay, whatever is listed. */
  start(): void;
  /** Idempotent. */
  close(): void;
}

/** A single answer without a symbol may be a bad answer. */
const missesToLeave = 2;
/** If more than this many and more than half are missing at once, the venue halted, or its answer is incomplete. */
const suspiciousCount = 10;
const maxNamed = 10;

export const createListingWatch = (options: ListingWatchOptions): ListingWatch => {
  const { words, everyMs, clock, read, followed, onChange, onNotice } = options;
  const named = new Set(words.filter((word) => !isOpenChoice(word)));
  /** Number of readings in a row without each followed symbol. */
  let misses = new Map<string, number>();
  let isFailing = false;
  let isHalted = false;
  /** A notice has reported trouble, and none has yet reported its end. */
  let isTroubled = false;
  let isClosed = false;
  let undo: (() => void) | undefined;

  const gone = (chosen: ReadonlySet<string>, now: readonly string[]): readonly string[] => {
    const missed = now.filter((symbol) => !chosen.has(symbol) && !named.has(symbol));
    const wasHalted = isHalted;
    isHalted = missed.length > Math.max(suspiciousCount, now.length / 2);
    if (isHalted) {
      const reason = `${missed.length} of ${now.length} symbols are not traded: they are kept`;
      if (!wasHalted) onNotice({ kind: 'listing-failed', reason });
      isTroubled = true;
      return [];
    }
    misses = new Map(missed.map((symbol) => [symbol, (misses.get(symbol) ?? 0) + 1]));
    return missed.filter((symbol) => (misses.get(symbol) ?? 0) >= missesToLeave);
  };

  const take = async (market: Market): Promise<void> => {
    const now = followed();
    const known = new Set(now);
    const chosen = choosePairs(words, market, known);
    const joined = chosen.filter(({ symbol }) => !known.has(symbol));
    const left = gone(new Set(chosen.map(({ symbol }) => symbol)), now);
    if (isTroubled && !isHalted) {
      isTroubled = false;
      onNotice({ kind: 'listed', symbols: chosen.length });
    }
    if (joined.length === 0 && left.length === 0) return;
    onNotice({
      kind: 'listing-changed',
      joined: joined.length,
      left: left.length,
      symbols: now.length + joined.length - left.length,
      examples: [...joined.map(({ symbol }) => `+${symbol}`), ...left.map((symbol) => `-${symbol}`)].slice(0, maxNamed),
    });
    await onChange(joined, left);
  };

  const look = async (): Promise<void> => {
    try {
      const market = await read();
      if (isClosed) return;
      isFailing = false;
      await take(market);
    } catch (error) {
      if (isClosed) return;
      const reason = error instanceof Error ? error.message : String(error);
      if (!isFailing) onNotice({ kind: 'listing-failed', reason, waitMs: everyMs });
      isFailing = true;
      isTroubled = true;
    }
    if (!isClosed) wait();
  };

  const wait = (): void => {
    undo = clock.after(everyMs, () => void look());
  };

  return {
    start() {
      if (!isClosed && words.some(isOpenChoice)) wait();
    },
    close() {
      isClosed = true;
      undo?.();
    },
  };
};
