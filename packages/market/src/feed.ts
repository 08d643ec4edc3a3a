import type { Bar, FeedState, Ticker, Trade } from '@tickwire/protocol';

/** Symbols a feed was asked for, canonical: `BTC-USDT`. */
export interface Instrument {
  readonly venue: string;
  readonly symbol: string;
}

/**
 * What a feed tells, in the order it happened per symbol. Receive times (`rts`) come from the feed's wall clock.
 * A quote is a change of best bid and ask; the producer folds trades and quotes into tickers and bars.
 */
export type FeedEvent =
  | { readonly kind: 'trade'; readonly trade: Trade }
  | { readonly kind: 'quote'; readonly quote: Quote }
  /** The venue's own 24 h statistics, where it gives them; fields as in `Ticker`. */
  | {
      readonly kind: 'stats';
      readonly stats: Partial<Ticker> & Instrument & { readonly ts: number; readonly rts: number };
    }
  /** Trades known to be missing and not refilled: ids between the two, exclusive, where the venue has ids. */
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
        /** Milliseconds since the instrument last showed life; absent before it ever did. */
        readonly ageMs?: number;
        /** How fine prices are, where the venue says so. */
        readonly priceDecimals?: number;
        /** On `live` after another state: the trade ids prove that no trade was missed meanwhile. */
        readonly isComplete?: true;
      };
    }
  /** A feed that ends (a replay) says so once, after its last event. */
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

/** The best of each side, with its size; an empty side is absent. */
export interface Quote extends Instrument {
  readonly ts: number;
  readonly rts: number;
  readonly bid?: string;
  readonly bidSize?: string;
  readonly ask?: string;
  readonly askSize?: string;
}

/**
 * By symbol, what was given out last, by whoever was there before: a feed fetches what came since, or tells it as a gap.
 */
export type LastTrades = ReadonlyMap<string, Trade>;

export interface PastQuery {
  readonly interval: PastInterval;
  /** Starts from here on, and before `untilMs`. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Lengths of bars that a source is asked for. */
export type PastInterval = '1m' | '1h' | '1d';

/** A source of market events. */
export interface Feed {
  /** Now: some come and go with what a venue lists. */
  readonly instruments: readonly Instrument[];
  /** Starts delivering. Events come in arrays, never empty: all that was ready at once. Calls are synchronous. */
  start(onEvents: (events: readonly FeedEvent[]) => void): Promise<void>;
  /** Idempotent. No event comes after it resolved. */
  close(): Promise<void>;
  /**
   * Closed bars of the past, oldest first, as far as the source has them; asked for behind whatever live data needs. Absent
   * where it has none but those made of its events.
   * @throws MarketError where it does not answer
   */
  past?(instrument: Instrument, query: PastQuery): Promise<readonly Bar[]>;
  /**
   * Time on the clock that stamps `rts`, for closing bars and judging age. Absent when that is the clock the feed was
   * given; a replay lives in the time of its recording.
   */
  now?(): number;
}
