import type { Bar, BarInterval, Trade } from '@tickwire/protocol';
import type { FeedEvent, Instrument } from '../feed.js';
import { maxAheadMs } from '../time-limits.js';
import { carriedBar, createOpenBar, foldTrade, type OpenBar, toBar } from './open-bar.js';

export interface BarBuilderOptions extends Instrument {
  readonly interval: BarInterval;
  /** How long after its end, in venue time, a bar still takes trades. @default 250 */
  readonly latenessMs?: number;
  /** At most one update of an open bar in this time. @default 250 */
  readonly updateMs?: number;
  /** At most this many bars without a trade in a row; of a longer silence the oldest are skipped and counted. @default 300 */
  readonly maxCarriedBars?: number;
  /** A trade that no bar took: `late` for a closed bar, `ahead` over an hour before its receive time. */
  readonly onDroppedTrade?: (trade: Trade, reason: 'late' | 'ahead') => void;
}

/**
 * Bars of one instrument and interval. Time is the venue's: a trade belongs to the bar its `ts` falls in, and a bar
 * closes when venue time has passed its end by the allowance, which a later trade shows or the clock. Venue time by the
 * clock is `now` plus the smoothed `ts - rts` of the trades, since the two clocks differ.
 *
 * Bars close strictly in order of time, one for each interval from the first trade on, and once closed never change.
 */
export interface BarBuilder {
  /** Events of the instrument in the order of its feed. Returns the bars this closed, oldest first. */
  add(event: FeedEvent): readonly Bar[];
  /** Closes what the clock says is over. `nowMs` is on the clock that stamps `rts`. */
  advance(nowMs: number): readonly Bar[];
  /** `advance`, and after it the open bars that changed and whose last update is `updateMs` ago. */
  flush(nowMs: number): readonly Bar[];
  readonly counters: Readonly<BarCounters>;
}

export interface BarCounters {
  lateTrades: number;
  aheadTrades: number;
  skippedBars: number;
}

const lengths: Record<BarInterval, number> = { '1s': 1000, '1m': 60_000 };
const none: readonly Bar[] = Object.freeze([]);
/** Weight of a new trade in the smoothed difference of the clocks. */
const offsetWeight = 1 / 32;

export const createBarBuilder = (options: BarBuilderOptions): BarBuilder => {
  const { interval, latenessMs = 250, updateMs = 250, maxCarriedBars = 300, onDroppedTrade } = options;
  const lengthMs = lengths[interval];
  const counters: BarCounters = { lateTrades: 0, aheadTrades: 0, skippedBars: 0 };
  /** Sorted by start; all at or after the frontier. */
  const open: OpenBar[] = [];
  /** Start of the oldest bar not yet closed; undefined before the first trade. */
  let frontier: number | undefined;
  let newestTs = Number.NEGATIVE_INFINITY;
  let offsetMs = 0;
  let lastClose = '';
  /** Trades are missing from these bars, both included; the end is open until something is heard again. */
  let holeFrom = Number.POSITIVE_INFINITY;
  let holeUntil = Number.NEGATIVE_INFINITY;
  /** The hole as it was before the feed went down: what holds again if nothing turns out to be missing. */
  let beforeDown: { readonly from: number; readonly until: number } | undefined;

  const startOf = (ts: number): number => Math.floor(ts / lengthMs) * lengthMs;

  const barAt = (start: number): OpenBar => {
    let i = open.length;
    while (i > 0 && (open[i - 1] as OpenBar).start > start) i -= 1;
    const found = open[i - 1];
    if (found?.start === start) return found;
    const bar = createOpenBar(start);
    open.splice(i, 0, bar);
    return bar;
  };

  /** Missed trades are being fetched: what closes meanwhile closes without them. */
  let isResyncing = false;

  const isIncomplete = (start: number): boolean => isResyncing || (start >= holeFrom && start <= holeUntil);

  const openHole = (): void => {
    const from = startOf(newestTs);
    // Of an earlier hole some bars may still be open: the two become one rather than losing the first.
    const isStillOpen = frontier !== undefined && holeUntil >= frontier;
    holeFrom = isStillOpen ? Math.min(holeFrom, from) : from;
    holeUntil = Number.POSITIVE_INFINITY;
  };

  const endHole = (ts: number): void => {
    if (holeUntil === Number.POSITIVE_INFINITY) holeUntil = Math.max(holeFrom, startOf(ts));
  };

  const closeUntil = (venueTime: number, rts: number): readonly Bar[] => {
    if (frontier === undefined || frontier + lengthMs > venueTime) return none;
    const closed: Bar[] = [];
    while (frontier + lengthMs <= venueTime) {
      const next = open[0];
      if (next?.start === frontier) {
        open.shift();
        closed.push(toBar(options, next, true, isIncomplete(frontier)));
        lastClose = next.close;
        frontier += lengthMs;
        continue;
      }
      const emptyUntil = Math.min(next?.start ?? Number.POSITIVE_INFINITY, startOf(venueTime));
      const skipped = Math.max(0, (emptyUntil - frontier) / lengthMs - maxCarriedBars);
      counters.skippedBars += skipped;
      frontier += skipped * lengthMs;
      for (; frontier < emptyUntil; frontier += lengthMs) {
        closed.push(carriedBar(options, frontier, lengthMs, lastClose, rts, isIncomplete(frontier)));
      }
    }
    return closed;
  };

  const addTrade = (trade: Trade): readonly Bar[] => {
    const { ts, rts } = trade;
    if (ts - rts > maxAheadMs) {
      counters.aheadTrades += 1;
      onDroppedTrade?.(trade, 'ahead');
      return none;
    }
    const start = startOf(ts);
    if (frontier !== undefined && start < frontier) {
      counters.lateTrades += 1;
      onDroppedTrade?.(trade, 'late');
      return none;
    }
    if (frontier === undefined) {
      // Nobody was watching before the first trade.
      openHole();
      frontier = start;
      offsetMs = ts - rts;
    }
    offsetMs += (ts - rts - offsetMs) * offsetWeight;
    foldTrade(barAt(start), trade);
    endHole(ts);
    if (ts > newestTs) newestTs = ts;
    return closeUntil(newestTs - latenessMs, rts);
  };

  const advance = (nowMs: number): readonly Bar[] => closeUntil(nowMs + Math.round(offsetMs) - latenessMs, nowMs);

  return {
    add: (event) => {
      if (event.kind === 'trade') return addTrade(event.trade);
      if (event.kind === 'gap') {
        beforeDown = undefined;
        openHole();
      } else if (event.kind === 'state') {
        const { state, rts, isComplete } = event.state;
        isResyncing = state === 'resync';
        if (state === 'down') {
          beforeDown ??= { from: holeFrom, until: holeUntil };
          openHole();
        } else if (state === 'live') {
          if (isComplete && beforeDown) {
            holeFrom = beforeDown.from;
            holeUntil = beforeDown.until;
          } else endHole(rts + Math.round(offsetMs));
          beforeDown = undefined;
        }
      }
      return none;
    },
    advance,
    flush: (nowMs) => {
      const closed = advance(nowMs);
      let bars: Bar[] | undefined;
      for (const bar of open) {
        if (!bar.changed || nowMs - bar.updatedAtMs < updateMs) continue;
        bar.changed = false;
        bar.updatedAtMs = nowMs;
        bars ??= [...closed];
        bars.push(toBar(options, bar, false, isIncomplete(bar.start)));
      }
      return bars ?? closed;
    },
    counters,
  };
};
