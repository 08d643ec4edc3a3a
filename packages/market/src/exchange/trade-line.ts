import type { Trade } from '@tickwire/protocol';
import { createAbsurdTimes } from '../absurd-times.js';
import type { FeedEvent, Instrument } from '../feed.js';

export interface TradeLineOptions extends Instrument {
  /** Most trades held back behind a hole; with one more the hole is given up. @default 5_000 */
  readonly maxHeld?: number;
  /** A hole of more ids is given up at once. @default 20_000 */
  readonly maxHole?: number;
}

/**
 * Orders the trades of one instrument by their ids, each once. Ids of emitted trades increase by 1; otherwise a gap
 * event stands between two trades and says exactly which are missing. Trades behind a hole are held back until it is
 * filled or given up.
 *
 * Events are appended to `out`, in order.
 */
export interface TradeLine {
  add(trade: Trade, out: FeedEvent[]): void;
  /**
   * Trades from before a subscription, ascending. The first ones only set the beginning of the line; later ones fill
   * holes.
   */
  addPast(trades: readonly Trade[], out: FeedEvent[]): void;
  /** The venue reports that trades up to this id exist. */
  reveal(id: number, rts: number, out: FeedEvent[]): void;
  /** The venue sent this trade, but it is unusable: it is not requested, and becomes a gap in its place. */
  lose(id: number, rts: number, out: FeedEvent[]): void;
  /** Reports missing trades as gaps, and emits all trades held back. */
  giveUp(rts: number, out: FeedEvent[]): void;
  /** The missing ids before the first trade that is held back or known to exist. */
  readonly hole: TradeHole | undefined;
  /** Highest id that was seen or reported; undefined before the line began. */
  readonly newestId: number | undefined;
  /** The last emitted or reported trade: requests continue after it. */
  readonly last: { readonly id: number; readonly ts: number } | undefined;
  readonly counters: Readonly<TradeLineCounters>;
}

export interface TradeHole {
  readonly afterId: number;
  readonly beforeId: number;
}

export interface TradeLineCounters {
  /** Trades seen before, as in an overlap of connections, or too late, after their gap was reported. */
  duplicates: number;
  gaps: number;
  /** Number of ids in gaps. */
  missing: number;
  /** How often the venue's ids started over. */
  restarts: number;
}

/** Number of trades in a row with old ids but new times that prove that ids started over. */
const restartAfter = 3;
/** The id of an unusable trade is believed up to this far ahead. */
const maxLostAhead = 1_000;
/** How much newer than the newest trade such a trade must be. */
const restartMs = 1_000;

export const createTradeLine = (options: TradeLineOptions): TradeLine => {
  const { venue, symbol, maxHeld = 5_000, maxHole = 20_000 } = options;
  const counters: TradeLineCounters = { duplicates: 0, gaps: 0, missing: 0, restarts: 0 };
  let last: { id: number; ts: number; isDoubtful: boolean } | undefined;
  const times = createAbsurdTimes();
  /** Ascending, all above `last.id + 1`. */
  let held: Trade[] = [];
  let revealed = 0;
  /** Ids above `last.id` of unusable trades, with their receive times. */
  const lost = new Map<number, number>();
  let suspects: Trade[] = [];

  const give = (trade: Trade, id: number, out: FeedEvent[]): void => {
    out.push({ kind: 'trade', trade });
    goTo(trade, id);
  };

  /** A time far ahead would make ids that start over look old until then. */
  const goTo = (trade: Trade, id: number): void => {
    const verdict = times.judge(trade, trade.rts);
    if (!last) last = { id, ts: trade.ts, isDoubtful: verdict === 'absurd' };
    last.id = id;
    if (verdict === 'absurd') return;
    if (trade.ts > last.ts || last.isDoubtful || verdict === 'stepped') last.ts = trade.ts;
    last.isDoubtful = false;
  };

  /** Emits the trades up to the first hole. */
  const drain = (out: FeedEvent[]): void => {
    let n = 0;
    for (let next = held[n]; last && next && Number(next.id) === last.id + 1; next = held[++n])
      give(next, last.id + 1, out);
    if (n > 0) held = held.slice(n);
    if (lost.size > 0 && passLost(out)) drain(out);
  };

  /** Reports the next lost trades as one gap. False if there are none. */
  const passLost = (out: FeedEvent[]): boolean => {
    if (!last) return false;
    let next = last.id + 1;
    let rts: number | undefined;
    for (let at = lost.get(next); at !== undefined; at = lost.get(next)) {
      rts = at;
      lost.delete(next);
      next += 1;
    }
    if (rts === undefined) return false;
    gap(last.id, next, rts, out);
    last.id = next - 1;
    return true;
  };

  const gap = (afterId: number, beforeId: number, rts: number, out: FeedEvent[]): void => {
    counters.gaps += 1;
    counters.missing += beforeId - afterId - 1;
    out.push({ kind: 'gap', gap: { venue, symbol, afterId: String(afterId), beforeId: String(beforeId), rts } });
  };

  const holeNow = (): TradeHole | undefined => {
    if (!last) return undefined;
    const next = held[0];
    const beforeId = next ? Number(next.id) : revealed + 1;
    return beforeId > last.id + 1 ? { afterId: last.id, beforeId } : undefined;
  };

  const giveUp = (rts: number, out: FeedEvent[]): void => {
    for (let hole = holeNow(); last && hole; hole = holeNow()) {
      gap(hole.afterId, hole.beforeId, rts, out);
      last.id = hole.beforeId - 1;
      for (const id of lost.keys()) if (id <= last.id) lost.delete(id);
      drain(out);
    }
  };

  const hold = (trade: Trade, id: number): boolean => {
    let i = held.length;
    while (i > 0 && Number(held[i - 1]?.id) > id) i -= 1;
    if (Number(held[i - 1]?.id) === id) return false;
    held.splice(i, 0, trade);
    return true;
  };

  /** An old id is a duplicate, unless the venue's ids started over, as after a reset of its book. */
  const addOld = (trade: Trade, id: number, out: FeedEvent[]): void => {
    if (!last || trade.ts <= last.ts + restartMs) {
      counters.duplicates += 1;
      suspects = [];
      return;
    }
    if (id <= Number(suspects.at(-1)?.id)) suspects = [];
    suspects.push(trade);
    if (suspects.length < restartAfter) return;
    giveUp(trade.rts, out);
    counters.restarts += 1;
    counters.gaps += 1;
    // No `beforeId`: the number of trades before ids started over is unknown.
    out.push({ kind: 'gap', gap: { venue, symbol, afterId: String(last.id), rts: trade.rts } });
    const [first, ...others] = suspects as [Trade, ...Trade[]];
    suspects = [];
    revealed = 0;
    lost.clear();
    last = undefined;
    give(first, Number(first.id), out);
    for (const other of others) add(other, out);
  };

  const add = (trade: Trade, out: FeedEvent[]): void => {
    const id = Number(trade.id);
    if (last && id <= last.id) {
      addOld(trade, id, out);
      return;
    }
    if (suspects.length > 0) suspects = [];
    if (!last || id === last.id + 1) {
      give(trade, id, out);
      if (held.length > 0 || lost.size > 0) drain(out);
    } else if (!hold(trade, id)) counters.duplicates += 1;
    else if (held.length > maxHeld || isTooWide()) giveUp(trade.rts, out);
  };

  const isTooWide = (): boolean => {
    const hole = holeNow();
    return hole !== undefined && hole.beforeId - hole.afterId > maxHole;
  };

  return {
    add,
    addPast: (trades, out) => {
      if (last) for (const trade of trades) add(trade, out);
      else {
        const newest = trades.at(-1);
        if (newest) goTo(newest, Number(newest.id));
      }
    },
    reveal: (id, rts, out) => {
      if (!last || id <= revealed) return;
      revealed = id;
      if (isTooWide()) giveUp(rts, out);
    },
    lose: (id, rts, out) => {
      if (!last || id <= last.id || held.some((trade) => Number(trade.id) === id)) return;
      // A trade with one wrong field may have two.
      if (id > Math.max(last.id, revealed, Number(held.at(-1)?.id ?? 0)) + maxLostAhead) return;
      lost.set(id, rts);
      // Earlier ids are missing too.
      revealed = Math.max(revealed, id);
      drain(out);
      if (lost.size > maxHeld || isTooWide()) giveUp(rts, out);
    },
    giveUp,
    get hole() {
      return holeNow();
    },
    get newestId() {
      if (!last) return undefined;
      return Math.max(last.id, revealed, Number(held.at(-1)?.id ?? 0));
    },
    get last() {
      return last;
    },
    counters,
  };
};
