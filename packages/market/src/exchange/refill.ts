import type { Clock, Trade } from '@tickwire/protocol';
import type { FeedEvent } from '../feed.js';
import type { TradeLine } from './trade-line.js';
import type { Pair, TradesQuery } from './venue.js';

export interface RefillOptions {
  readonly pair: Pair;
  readonly line: TradeLine;
  readonly clock: Clock;
  /** Asks the venue; `isUrgent` while trades are held back behind a hole. */
  readonly fetchTrades: (query: Omit<TradesQuery, 'onBadEntry'>, isUrgent: boolean) => Promise<readonly Trade[]>;
  /** Trades found, gaps told and trades set free, in order. */
  readonly onEvents: (events: readonly FeedEvent[]) => void;
  /** Work began or ended; then `isBusy` may answer otherwise. */
  readonly onChanged: () => void;
  /** A hole may close by itself within this time, when frames only came in another order. @default 150 */
  readonly reorderMs?: number;
  /** A hole not filled after this is told as a gap: trades behind it wait no longer. @default 10_000 */
  readonly fillMs?: number;
}

/** Fetches trades that the stream did not bring. */
export interface Refill {
  /** The line changed. */
  look(): void;
  /**
   * Asks for whatever came after the newest trade. Tells how many trades that brought, or `undefined` if the venue
   * gave no answer in time; a hole that is found on the way is dealt with before.
   */
  catchUp(onDone: (found: number | undefined) => void): void;
  /** Trades are held back, or may have been missed, until this ends. */
  readonly isBusy: boolean;
  /** Trades that came this way and no other. */
  readonly refilled: number;
  /** Idempotent; gives up what is missing, through `onEvents`. */
  close(): void;
}

interface Job {
  attempt: number;
  found: number;
  /** Undefined: a hole started it and nobody asked. */
  onDone: ((found: number | undefined) => void) | undefined;
  /** Trades are held back meanwhile. */
  isUrgent: boolean;
  undoRetry: (() => void) | undefined;
  undoDeadline: () => void;
}

/** No trade waits for a catch-up, so it may take long: of many instruments each has its turn. */
const catchUpMs = 60_000;
const maxTrades = 20_000;
const firstRetryMs = 500;
const longestRetryMs = 4_000;

export const createRefill = (options: RefillOptions): Refill => {
  const { pair, line, clock, fetchTrades, onEvents, onChanged, reorderMs = 150, fillMs = 10_000 } = options;
  let job: Job | undefined;
  let undoReorder: (() => void) | undefined;
  let refilled = 0;
  let isClosed = false;

  const begin = (timeMs: number, onDone?: Job['onDone']): void => {
    const undoDeadline = clock.after(timeMs, () => finish(undefined));
    const isUrgent = line.hole !== undefined;
    job = { attempt: 0, found: 0, onDone, isUrgent, undoRetry: undefined, undoDeadline };
    void attempt(job);
    onChanged();
  };

  const finish = (found: number | undefined): void => {
    const done = job;
    if (!done) return;
    job = undefined;
    done.undoRetry?.();
    done.undoDeadline();
    const out: FeedEvent[] = [];
    line.giveUp(clock.wall(), out);
    if (out.length > 0) onEvents(out);
    done.onDone?.(found);
    onChanged();
  };

  const attempt = async (mine: Job): Promise<void> => {
    const { last, newestId } = line;
    if (!last || newestId === undefined) return finish(0);
    mine.attempt += 1;
    const query = { pair, afterId: last.id, afterMs: last.ts, rts: clock.wall, maxTrades };
    const beforeId = newestId > last.id ? { beforeId: newestId + 1 } : undefined;
    let trades: readonly Trade[] | undefined;
    try {
      trades = await fetchTrades({ ...query, ...beforeId }, line.hole !== undefined);
    } catch {
      // counted where requests are made; tried again below
    }
    if (isClosed || job !== mine) return;
    if (trades) take(trades, mine);
    if (trades && !line.hole) return finish(mine.found);
    // The venue's answers may lag behind its stream.
    const waitMs = Math.min(longestRetryMs, firstRetryMs * 2 ** (mine.attempt - 1));
    mine.undoRetry = clock.after(waitMs, () => void attempt(mine));
  };

  const take = (trades: readonly Trade[], mine: Job): void => {
    const out: FeedEvent[] = [];
    const before = line.last?.id ?? 0;
    const known = line.counters.duplicates;
    const missed = trades.filter(({ id }) => Number(id) > before);
    for (const trade of missed) line.add(trade, out);
    refilled += missed.length - (line.counters.duplicates - known);
    mine.found += Math.max(0, (line.last?.id ?? 0) - before);
    if (out.length > 0) onEvents(out);
  };

  return {
    look: () => {
      if (isClosed) return;
      if (!line.hole) {
        undoReorder?.();
        undoReorder = undefined;
        // Frames brought what was missing before the venue's answer did.
        if (job && !job.onDone) finish(0);
        return;
      }
      if (job) {
        if (job.isUrgent) return;
        // Found in the middle of a catch-up: trades wait now, and not as long as that may take.
        job.isUrgent = true;
        job.undoDeadline();
        job.undoDeadline = clock.after(fillMs, () => finish(undefined));
        return;
      }
      undoReorder ??= clock.after(reorderMs, () => {
        undoReorder = undefined;
        if (line.hole && !job) begin(fillMs);
      });
    },
    catchUp: (onDone) => {
      if (isClosed) return;
      if (!job) return begin(line.hole ? fillMs : catchUpMs, onDone);
      const before = job.onDone;
      job.onDone = (found) => {
        before?.(found);
        onDone(found);
      };
    },
    get isBusy() {
      return job !== undefined;
    },
    get refilled() {
      return refilled;
    },
    close: () => {
      if (isClosed) return;
      undoReorder?.();
      finish(undefined);
      isClosed = true;
    },
  };
};
