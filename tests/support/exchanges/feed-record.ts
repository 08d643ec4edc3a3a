import type { FeedEvent } from '@tickwire/market';
import type { FakeExchange } from './fake-exchange-types.js';

/** What a feed gave out, and whether it is what happened. */
export interface FeedRecord {
  readonly events: readonly FeedEvent[];
  onEvents(events: readonly FeedEvent[]): void;
  /** Last state reported of a symbol. */
  state(symbol: string): string | undefined;
  /** All states reported of a symbol, in order. */
  states(symbol: string): readonly string[];
  /** The same with all that was reported with them. */
  stateEvents(symbol: string): readonly Extract<FeedEvent, { kind: 'state' }>['state'][];
  tradeIds(symbol: string): readonly number[];
  gaps(symbol: string): readonly { readonly afterId: number; readonly beforeId: number }[];
  /** What is wrong with the trades of a symbol, in words; empty if they are whole or every hole is reported. */
  faultsOf(symbol: string, exchange: FakeExchange): readonly string[];
}

export const createFeedRecord = (): FeedRecord => {
  const events: FeedEvent[] = [];
  const ofSymbol = (symbol: string): FeedEvent[] =>
    events.filter(
      (event) =>
        (event.kind === 'trade' && event.trade.symbol === symbol) ||
        (event.kind === 'gap' && event.gap.symbol === symbol) ||
        (event.kind === 'state' && event.state.symbol === symbol),
    );
  const stateEvents: FeedRecord['stateEvents'] = (symbol) =>
    ofSymbol(symbol).flatMap((event) => (event.kind === 'state' ? [event.state] : []));
  const states = (symbol: string): string[] => stateEvents(symbol).map(({ state }) => state);

  return {
    events,
    onEvents: (array) => {
      if (array.length === 0) throw new Error('an empty array of events');
      events.push(...array);
    },
    states,
    stateEvents,
    state: (symbol) => states(symbol).at(-1),
    tradeIds: (symbol) => ofSymbol(symbol).flatMap((event) => (event.kind === 'trade' ? [Number(event.trade.id)] : [])),
    gaps: (symbol) =>
      ofSymbol(symbol).flatMap((event) =>
        event.kind === 'gap' ? [{ afterId: Number(event.gap.afterId), beforeId: Number(event.gap.beforeId) }] : [],
      ),
    faultsOf: (symbol, exchange) => {
      const faults: string[] = [];
      const truth = new Map(exchange.truth(symbol).map((trade) => [trade.id, trade]));
      let last: number | undefined;
      for (const event of ofSymbol(symbol)) {
        if (event.kind === 'gap') {
          const { afterId, beforeId } = event.gap;
          if (last !== undefined && Number(afterId) !== last)
            faults.push(`a gap after ${afterId}, but ${last} was last`);
          if (!(Number(beforeId) > Number(afterId) + 1)) faults.push(`an empty gap ${afterId}..${beforeId}`);
          last = Number(beforeId) - 1;
        } else if (event.kind === 'trade') {
          const { trade } = event;
          const real = truth.get(Number(trade.id));
          if (last !== undefined && Number(trade.id) !== last + 1) faults.push(`${trade.id} came after ${last}`);
          last = Number(trade.id);
          const same =
            real?.price === trade.price &&
            real.size === trade.size &&
            real.takerSide === trade.side &&
            real.ts === trade.ts &&
            trade.venue === exchange.venue;
          if (!same) faults.push(`${JSON.stringify(trade)} is not ${JSON.stringify(real)}`);
        }
      }
      const newest = exchange.truth(symbol).at(-1)?.id;
      if (last !== newest) faults.push(`ends at ${last}, but the newest is ${newest}`);
      return faults;
    },
  };
};
