import type { FeedState } from '@tickwire/protocol';

/** The bars that lack trades: one range of starts, both ends included. */
export interface BarHole {
  has(start: number): boolean;
  /** Trades are missing from this bar on. */
  begin(start: number): void;
  /** No trade is missing after this bar. */
  end(start: number): void;
  /** The feed reports a gap, which began in this bar. */
  gap(start: number): void;
  /** The feed changed its state. `newest` is the bar of the newest trade, `reached` that of this moment. */
  follow(state: { readonly state: FeedState; readonly isComplete?: true }, newest: number, reached: () => number): void;
}

/** `frontier` is the start of the oldest bar not yet closed. */
export const createBarHole = (frontier: () => number | undefined): BarHole => {
  let from = Number.POSITIVE_INFINITY;
  /** Infinite until an event ends the hole. */
  let until = Number.NEGATIVE_INFINITY;
  /** The hole before the feed went down; it is restored if nothing was missed. */
  let beforeDown: { readonly from: number; readonly until: number } | undefined;
  /** Missed trades are being fetched: bars that close meanwhile lack them. */
  let isResyncing = false;

  const begin = (start: number): void => {
    // Bars of an earlier hole may still be open: the two holes become one, so that the first is not lost.
    const oldest = frontier();
    const isStillOpen = oldest !== undefined && until >= oldest;
    from = isStillOpen ? Math.min(from, start) : start;
    until = Number.POSITIVE_INFINITY;
  };

  const end = (start: number): void => {
    if (until === Number.POSITIVE_INFINITY) until = Math.max(from, start);
  };

  return {
    has: (start) => isResyncing || (start >= from && start <= until),
    begin,
    end,
    gap(start) {
      beforeDown = undefined;
      begin(start);
    },
    follow({ state, isComplete }, newest, reached) {
      isResyncing = state === 'resync';
      if (state === 'down') {
        beforeDown ??= { from, until };
        begin(newest);
      } else if (state === 'live') {
        if (isComplete && beforeDown) ({ from, until } = beforeDown);
        else end(reached());
        beforeDown = undefined;
      }
    },
  };
};
