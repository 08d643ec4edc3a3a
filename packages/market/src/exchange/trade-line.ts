import type { Trade } from '@tickwire/protocol';
import type { FeedEvent, Instrument } from '../feed.js';

export interface TradeLineOptions extends Instrument {
  /** Trades held back behind a hole; with one more the hole is given up. @default 5000 */
  readonly maxHeld?: number;
  /** A hole of more ids is given up at once. @default 20_000 */
  readonly maxHole?: number;
}

/**
 * Puts the trades of one instrument in order of their ids, each once. What comes out has ids +1 a trade, and where it
 * does not, a gap event stands between the two that tells exactly which are missing. Trades behind a hole are held back
 * until it is filled or given up.
 *
 * Events are appended to `out`, in order.
 */
export interface TradeLine {
  add(trade: Trade, out: FeedEvent[]): void;
  /** Trades of before a subscription, ascending. The first ones only tell where the line begins; later they fill. */
  addPast(trades: readonly Trade[], out: FeedEvent[]): void;
  /** The venue says that trades up to this id exist. */
  reveal(id: number, rts: number, out: FeedEvent[]): void;
  /** The venue sent this trade, and it cannot be used: nobody need ask for it, and its gap is told in its place. */
  lose(id: number, rts: number, out: FeedEvent[]): void;
  /** Declares what is missing and gives out all that was held back. */
  giveUp(rts: number, out: FeedEvent[]): void;
  /** Ids known to be missing in front of the first one held or revealed. */
  readonly hole: TradeHole | undefined;
  /** Highest id ever seen or revealed; undefined before the line began. */
  readonly newestId: number | undefined;
  /** Of the last trade given out or told of: where to go on asking. */
  readonly last: { readonly id: number; readonly ts: number } | undefined;
  readonly counters: Readonly<TradeLineCounters>;
}

export interface TradeHole {
  readonly afterId: number;
  readonly beforeId: number;
}

export interface TradeLineCounters {
  /** Seen before, as both connections of an overlap bring them; or too late, after their gap was told. */
  duplicates: number;
  gaps: number;
  /** Ids in those gaps. */
  missing: number;
  /** Times the venue began to count anew. */
  restarts: number;
}

/** Trades with old ids but new times, in a row, before the ids are believed to have started over. */
const restartAfter = 3;
/** The id of a trade that cannot be used is believed if it is no further ahead. */
const maxLostAhead = 1_000;
/** So much newer than the newest trade. */
const restartMs = 1_000;

export const createTradeLine = (options: TradeLineOptions): TradeLine => {
  const { venue, symbol, maxHeld = 5_000, maxHole = 20_000 } = options;
  const counters: TradeLineCounters = { duplicates: 0, gaps: 0, missing: 0, restarts: 0 };
  let last: { id: number; ts: number } | undefined;
  /** Ascending, all above `last.id + 1`. */
  let held: Trade[] = [];
  let revealed = 0;
  /** Ids above `last.id` that cannot be used, with the time they came. */
  const lost = new Map<number, number>();
  let suspects: Trade[] = [];

  const give = (trade: Trade, id: number, out: FeedEvent[]): void => {
    out.push({ kind: 'trade', trade });
    if (last) {
      last.id = id;
      if (trade.ts > last.ts) last.ts = trade.ts;
    } else last = { id, ts: trade.ts };
  };

  /** Gives out what the line has become whole up to. */
  const drain = (out: FeedEvent[]): void => {
    let n = 0;
    for (let next = held[n]; last && next && Number(next.id) === last.id + 1; next = held[++n])
      give(next, last.id + 1, out);
    if (n > 0) held = held.slice(n);
    if (lost.size > 0 && passLost(out)) drain(out);
  };

  /** Tells of the lost trades that come next as one gap. False if there are none. */
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
    while (i > 0 && Number((held[i - 1] as Trade).id) > id) i -= 1;
    if (Number(held[i - 1]?.id) === id) return false;
    held.splice(i, 0, trade);
    return true;
  };

  /** An old id: a duplicate, unless the venue began to count anew, as after a reset of its book. */
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
    // No `beforeId`: how many trades there were between two ways of counting is unknown.
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
        if (newest) last = { id: Number(newest.id), ts: newest.ts };
      }
    },
    reveal: (id, rts, out) => {
      if (!last || id <= revealed) return;
      revealed = id;
      if (isTooWide()) giveUp(rts, out);
    },
    lose: (id, rts, out) => {
      if (!last || id <= last.id || held.some((trade) => Number(trade.id) === id)) return;
      // What has one field wrong may have two.
      if (id > Math.max(last.id, revealed, Number(held.at(-1)?.id ?? 0)) + maxLostAhead) return;
      lost.set(id, rts);
      // What comes before it is missing as well.
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
