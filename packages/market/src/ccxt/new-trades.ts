import type { Trade } from '@tickwire/protocol';

/** Which trades of a stream are new. Ids alone do not show that: they may start over after a maintenance. */
export interface NewTrades {
  isNew(trade: Trade): boolean;
  /** Remembers a trade that was given. */
  add(trade: Trade): void;
  /** An id for a trade without one. It would be another if the trade was fetched again: then `hasIds` is false. */
  nameFor(ts: number): string;
  readonly hasIds: boolean;
  /** The newest trade given, by its time. */
  readonly last: Trade | undefined;
}

const rememberedIds = 5_000;
/** REST may round the time of a trade. With another time, an id that was seen is that of another trade. */
const sameTradeMs = 1_000;

/** `last`: the last trade that was published before. */
export const createNewTrades = (last: Trade | undefined): NewTrades => {
  let newest = last;
  /** Times of the newest trades by id. */
  const seen = new Map<string, number>(last && [[last.id, last.ts]]);
  let hasIds = true;
  let unnamed = { ts: 0, n: 0 };

  return {
    isNew: ({ id, ts }) => Math.abs(ts - (seen.get(id) ?? Number.POSITIVE_INFINITY)) > sameTradeMs,
    add(trade) {
      seen.delete(trade.id);
      seen.set(trade.id, trade.ts);
      if (seen.size > rememberedIds) seen.delete(seen.keys().next().value as string);
      if (!newest || trade.ts >= newest.ts) newest = trade;
    },
    nameFor(ts) {
      hasIds = false;
      unnamed = { ts, n: ts === unnamed.ts ? unnamed.n + 1 : 0 };
      return `${ts}-${unnamed.n}`;
    },
    get hasIds() {
      return hasIds;
    },
    get last() {
      return newest;
    },
  };
};
