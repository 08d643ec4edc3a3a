import type { Bar, BarInterval, Trade } from '@tickwire/protocol';
import { createAbsurdTimes } from '../absurd-times.js';
import { createRhythm } from '../exchange/rhythm.js';
import type { FeedEvent, Instrument } from '../feed.js';
import { createBarHole } from './bar-hole.js';
import { carriedBar, createOpenBar, foldTrade, type OpenBar, toBar } from './open-bar.js';
import { createStreamPosition } from './stream-position.js';

export interface BarBuilderOptions extends Instrument {
  readonly interval: BuiltInterval;
  /** How long after its end, in venue time, a bar still accepts trades. @default 250 */
  readonly latenessMs?: number;
  /** Shortest time between two updates of an open bar. @default 250 */
  readonly updateMs?: number;
  /** Most bars without a trade in a row; in a longer silence the oldest are skipped and counted. @default 300 */
  readonly maxCarriedBars?: number;
  /** Called for a trade that no bar took: `late` for a closed bar, `ahead` with an absurd time. */
  readonly onDroppedTrade?: (trade: Trade, reason: 'late' | 'ahead') => void;
}

/**
 * Bars of one instrument and interval. Time is the venue's: a trade belongs to the bar that contains its `ts`, and a
 * bar closes when venue time is past its end by the allowance. A later trade or the clock shows that. The difference of
 * the clocks, which includes the lag of the stream, is learned from the trades.
 *
 * Bars close strictly in order, one for each interval from the first trade on. A closed bar has every trade, or is
 * `incomplete`. If the clock closed a bar too early, a late trade makes it come again, once, with the same numbers and
 * `incomplete`. Closed bars change in no other way.
 *
 * `nowMs` labels: it comes from the clock that stamps `rts`, and may step. `steadyMs` is the same moment on a monotonic
 * clock; it can be left out if the two are one, as in a recording.
 */
export interface BarBuilder {
  /** Takes events of the instrument in the order of its feed. Returns the bars that this closed, oldest first. */
  add(event: FeedEvent, steadyMs?: number): readonly Bar[];
  /** Closes the bars that are over by the clock. */
  advance(nowMs: number, steadyMs?: number): readonly Bar[];
  /** Returns the bars of `advance`, then the changed open bars whose last update is `updateMs` ago. */
  flush(nowMs: number, steadyMs?: number): readonly Bar[];
  readonly counters: Readonly<BarCounters>;
}

export interface BarCounters {
  /** Trades of bars that were closed already. */
  lateTrades: number;
  aheadTrades: number;
  skippedBars: number;
}

/** Longer bars are folded from these. */
export type BuiltInterval = Extract<BarInterval, '1s' | '1m'>;

const lengths: Record<BuiltInterval, number> = { '1s': 1000, '1m': 60_000 };
const none: readonly Bar[] = Object.freeze([]);
/** During an unusual silence the clock closes no bar for this long: trades may be on their way. */
const patienceMs = 3_000;
/** Closed bars remembered because a late trade would make them incomplete. */
const maxRemembered = 60;

export const createBarBuilder = (options: BarBuilderOptions): BarBuilder => {
  const { interval, latenessMs = 250, updateMs = 250, maxCarriedBars = 300, onDroppedTrade } = options;
  const lengthMs = lengths[interval];
  const counters: BarCounters = { lateTrades: 0, aheadTrades: 0, skippedBars: 0 };
  /** Sorted by start; none starts before the frontier. */
  const open: OpenBar[] = [];
  /** Start of the oldest bar not yet closed; undefined before the first trade. */
  let frontier: number | undefined;
  let newestTs = Number.NEGATIVE_INFINITY;
  let lastClose = '';
  const times = createAbsurdTimes();
  const quoteTimes = createAbsurdTimes();
  const position = createStreamPosition();
  /** The newest bars closed without `incomplete`, by their start. */
  const remembered = new Map<number, Bar>();
  /** Starts of future bars that lack a trade. */
  const lacking = new Set<number>();
  /** After an unusual silence it is doubtful that there were no trades. */
  const rhythm = createRhythm({ factor: 2, leastMs: 1_000 });
  let tradedAt = Number.POSITIVE_INFINITY;
  /** Venue time of the newest quote with one: the stream has reached it. */
  let quotedTs = Number.NEGATIVE_INFINITY;
  const hole = createBarHole(() => frontier);

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

  const isIncomplete = (start: number): boolean => hole.has(start) || lacking.has(start);

  const isSilent = (steadyMs: number): boolean => steadyMs - tradedAt > rhythm.staleAfterMs();

  /** Only the clock closes the bar, and trades are silent for longer than usual. */
  const isDoubtful = (end: number, closedAt: number | undefined): boolean =>
    closedAt !== undefined && end > quotedTs && isSilent(closedAt);

  const close = (bar: Bar): Bar => {
    lacking.delete(bar.start);
    if (bar.incomplete) return bar;
    remembered.set(bar.start, bar);
    if (remembered.size > maxRemembered) remembered.delete(remembered.keys().next().value as number);
    return bar;
  };

  /** `closedAt` is the steady time if the clock closes the bars. */
  const closeUntil = (venueTime: number, rts: number, closedAt?: number): readonly Bar[] => {
    if (frontier === undefined || frontier + lengthMs > venueTime) return none;
    const closed: Bar[] = [];
    while (frontier + lengthMs <= venueTime) {
      const next = open[0];
      if (next?.start === frontier) {
        open.shift();
        const incomplete = isIncomplete(frontier) || isDoubtful(frontier + lengthMs, closedAt);
        closed.push(close(toBar(options, next, true, incomplete)));
        lastClose = next.close;
        frontier += lengthMs;
        continue;
      }
      const emptyUntil = Math.min(next?.start ?? Number.POSITIVE_INFINITY, startOf(venueTime));
      const skipped = Math.max(0, (emptyUntil - frontier) / lengthMs - maxCarriedBars);
      counters.skippedBars += skipped;
      frontier += skipped * lengthMs;
      for (; frontier < emptyUntil; frontier += lengthMs) {
        const incomplete = isIncomplete(frontier) || isDoubtful(frontier + lengthMs, closedAt);
        closed.push(close(carriedBar(options, frontier, lengthMs, lastClose, rts, incomplete)));
      }
    }
    return closed;
  };

  const dropped = (trade: Trade, reason: 'late' | 'ahead'): void => {
    counters[`${reason}Trades`] += 1;
    onDroppedTrade?.(trade, reason);
  };

  /** A clock was set: what the stream showed of its times is wrong, and the bars in between may lack trades. */
  const followStep = (): void => {
    position.restart();
    quotedTs = Number.NEGATIVE_INFINITY;
    if (frontier !== undefined) hole.begin(startOf(newestTs));
  };

  const addTrade = (trade: Trade, steadyMs: number): readonly Bar[] => {
    const { ts, rts } = trade;
    const start = startOf(ts);
    const verdict = times.judge(trade, steadyMs);
    if (verdict === 'absurd') {
      dropped(trade, 'ahead');
      if (lacking.size < maxRemembered) lacking.add(start);
      return none;
    }
    if (verdict === 'stepped') followStep();
    // Must come before the trade is dropped: only late trades show that a stream lags.
    position.learn(ts, steadyMs);
    rhythm.touch(steadyMs);
    tradedAt = steadyMs;
    if (frontier !== undefined && start < frontier) {
      dropped(trade, 'late');
      const closed = remembered.get(start);
      return closed && remembered.delete(start) ? [{ ...closed, incomplete: true }] : none;
    }
    if (frontier === undefined) {
      // Trades before the first one were not seen.
      hole.begin(startOf(newestTs));
      frontier = start;
    }
    foldTrade(barAt(start), trade);
    hole.end(start);
    if (ts > newestTs) newestTs = ts;
    return closeUntil(newestTs - latenessMs, rts);
  };

  const advance = (nowMs: number, steadyMs = nowMs): readonly Bar[] => {
    const venueTime = position.at(steadyMs) - latenessMs;
    const isPatient = isSilent(steadyMs) && steadyMs - tradedAt < patienceMs;
    return closeUntil(isPatient ? Math.min(venueTime, quotedTs) : venueTime, nowMs, steadyMs);
  };

  return {
    add: (event, steadyMs) => {
      if (event.kind === 'trade') return addTrade(event.trade, steadyMs ?? event.trade.rts);
      if (event.kind === 'quote') {
        const { ts, rts } = event.quote;
        // A quote without a time of its own has the receive time, which shows nothing.
        if (ts !== rts && quoteTimes.judge(event.quote, steadyMs ?? rts) !== 'absurd')
          quotedTs = Math.max(quotedTs, ts);
      } else if (event.kind === 'gap') {
        hole.gap(startOf(newestTs));
      } else if (event.kind === 'state') {
        const reached = (): number => startOf(position.at(steadyMs ?? event.state.rts));
        hole.follow(event.state, startOf(newestTs), reached);
      }
      return none;
    },
    advance,
    flush: (nowMs, steadyMs = nowMs) => {
      const closed = advance(nowMs, steadyMs);
      let bars: Bar[] | undefined;
      for (const bar of open) {
        if (!bar.changed || steadyMs - bar.updatedAtMs < updateMs) continue;
        bar.changed = false;
        bar.updatedAtMs = steadyMs;
        bars ??= [...closed];
        bars.push(toBar(options, bar, false, isIncomplete(bar.start)));
      }
      return bars ?? closed;
    },
    counters,
  };
};
