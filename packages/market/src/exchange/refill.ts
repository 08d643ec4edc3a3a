import type { Clock, Trade } from '@tickwire/protocol';
import type { FeedEvent } from '../feed.js';
import type { TradeLine } from './trade-line.js';
import type { Pair, TradesQuery } from './venue.js';

export interface RefillOptions {
  readonly pair: Pair;
  readonly line: TradeLine;
  readonly clock: Clock;
  /** Requests trades from the venue; `isUrgent` while trades are held back behind a hole. */
  readonly fetchTrades: (query: Omit<TradesQuery, 'onBadEntry'>, isUrgent: boolean) => Promise<readonly Trade[]>;
  /** Called with fetched trades, gaps and released trades, in order. */
  readonly onEvents: (events: readonly FeedEvent[]) => void;
  /** `isBusy` may have changed. */
  readonly onChanged: () => void;
}

/** Fetches trades that the stream did not deliver. */
export interface Refill {
  /** Must be called when the line changed. */
  look(): void;
  /**
   * Requests all trades after the newest one. Reports how many there were, or `undefined` if the venue did not answer
   * in time; a hole found on the way is filled first.
   */
  catchUp(onDone: (found: number | undefined) => void): void;
  /** Whether trades are held back, or may have been missed. */
  readonly isBusy: boolean;
  /** Number of trades that only these requests delivered. */
  readonly refilled: number;
  /** Idempotent; reports missing trades as gaps through `onEvents`. */
  close(): void;
}

interface Job {
  attempt: number;
  found: number;
  /** Undefined if a hole started it. */
  onDone: ((found: number | undefined) => void) | undefined;
  /** Whether trades are held back. */
  isUrgent: boolean;
  undoRetry: (() => void) | undefined;
  undoDeadline: () => void;
}

/** No trade waits for a catch-up, so it may take long: many instruments take turns. */
const catchUpMs = 60_000;
const maxTrades = 20_000;
const firstRetryMs = 500;
const longestRetryMs = 4_000;

/** A hole may close by itself within this time, if frames only arrived in another order. */
const reorderMs = 150;
/** A hole not filled after this is reported as a gap, and trades behind it are released. */
const fillMs = 10_000;

export const createRefill = (options: RefillOptions): Refill => {
  const { pair, line, clock, fetchTrades, onEvents, onChanged } = options;
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
    // The venue's REST API may lag behind its stream.
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
        // Frames delivered the missing trades before the answer.
        if (job && !job.onDone) finish(0);
        return;
      }
      if (job) {
        if (job.isUrgent) return;
        // A hole during a catch-up holds trades back, so it must not take as long as a catch-up may.
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
