import type { Bar, FeedState, Ticker, Trade } from '@tickwire/protocol';

/** A venue's symbol as a feed follows it; canonical: `BTC-USDT`. */
export interface Instrument {
  readonly venue: string;
  readonly symbol: string;
}

/**
 * An event of a feed; events of a symbol are in order. Receive times (`rts`) come from the feed's wall clock. A quote
 * is a change of best bid or ask; the producer folds trades and quotes into tickers and bars.
 */
export type FeedEvent =
  | { readonly kind: 'trade'; readonly trade: Trade }
  | { readonly kind: 'quote'; readonly quote: Quote }
  /** The venue's own 24 h statistics, if it has them; fields as in `Ticker`. */
  | {
      readonly kind: 'stats';
      readonly stats: Partial<Ticker> & Instrument & { readonly ts: number; readonly rts: number };
    }
  /** Trades known to be missing and not refilled: the ids between the two, if the venue has ids. */
  | {
      readonly kind: 'gap';
      readonly gap: Instrument & { readonly afterId?: string; readonly beforeId?: string; readonly rts: number };
    }
  | {
      readonly kind: 'state';
      readonly state: Instrument & {
        readonly state: FeedState;
        readonly rts: number;
        readonly reason?: string;
        /** Milliseconds since the instrument last showed life; absent before that. */
        readonly ageMs?: number;
        /** Decimals of prices, if the venue states them. */
        readonly priceDecimals?: number;
        /** On `live` after another state: the trade ids prove that no trade was missed meanwhile. */
        readonly isComplete?: true;
      };
    }
  /** The end of a feed that has one (a replay), once, after its last event. */
  | { readonly kind: 'end' };

/** The instrument of an event; undefined for the end of a feed. */
export const instrumentOf = (event: FeedEvent): Instrument | undefined => {
  switch (event.kind) {
    case 'trade':
      return event.trade;
    case 'quote':
      return event.quote;
    case 'stats':
      return event.stats;
    case 'gap':
      return event.gap;
    case 'state':
      return event.state;
    case 'end':
      return undefined;
  }
};

/** Best bid and ask with their sizes; an empty side is absent. */
export interface Quote extends Instrument {
  readonly ts: number;
  readonly rts: number;
  readonly bid?: string;
  readonly bidSize?: string;
  readonly ask?: string;
  readonly askSize?: string;
}

/** The middle of a wider spread is not a price. */
const maxSpread = 0.1;

/** The price in the middle of the book; undefined unless both sides are there, in order, and near each other. */
export const middleOf = (quote: Pick<Quote, 'bid' | 'ask'> | undefined): number | undefined => {
  const [bid, ask] = [Number(quote?.bid), Number(quote?.ask)];
  return bid > 0 && ask >= bid && ask <= bid * (1 + maxSpread) ? (bid + ask) / 2 : undefined;
};

/** The last published trade by symbol: a feed fetches the trades since then, or reports a gap. */
export type LastTrades = ReadonlyMap<string, Trade>;

export interface PastQuery {
  readonly interval: PastInterval;
  /** Bars with a start from here on, and before `untilMs`. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Lengths of bars that can be requested. */
export type PastInterval = '1m' | '1h' | '1d';

/** A source of market events. */
export interface Feed {
  /** The present instruments: they may change with the venue's list. */
  readonly instruments: readonly Instrument[];
  /** Starts delivering. Events come in arrays, never empty, with all that is ready. Calls are synchronous. */
  start(onEvents: (events: readonly FeedEvent[]) => void): Promise<void>;
  /** Idempotent. No event comes after it resolves. */
  close(): Promise<void>;
  /**
   * Returns closed bars of the past, oldest first, as far as the source has them; requests for live data go first.
   * Absent if the source has no bars of its own.
   * @throws MarketError if the source does not answer
   */
  past?(instrument: Instrument, query: PastQuery): Promise<readonly Bar[]>;
  /**
   * Time of the clock that stamps `rts`, for closing bars and measuring age. Absent if that is the clock given to the
   * feed; a replay has the time of its recording.
   */
  now?(): number;
}
