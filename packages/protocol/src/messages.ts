/**
 * The messages Tickwire broadcasts. On a group they are msgpack maps, towards clients JSON with the same fields.
 * Prices and sizes are decimal strings as the venue sent them (no exponents, trailing zeros kept); times are integer
 * milliseconds since the Unix epoch.
 */

/** Where a publication stands in its channel. */
export interface Position {
  /** +1 a publication, from 1. */
  readonly seq: number;
  /** Changes only when history was lost, so that a position of the old epoch can be told from one of the new. */
  readonly epoch: string;
}

/** What every market message carries. Latency (`rts - ts`) may be negative: clocks differ. Never clamp it. */
export interface MarketHeader {
  /** Lower-case name of the exchange or source: `binance`, `sim`. */
  readonly venue: string;
  /** Canonical upper-case `BASE-QUOTE`: `BTC-USDT`. */
  readonly symbol: string;
  /** When it happened, by the venue's clock. */
  readonly ts: number;
  /** When the producer received it. */
  readonly rts: number;
}

/** Added by the producer at the moment of publishing. */
export interface Published extends Position {
  readonly pts: number;
}

export type Side = 'buy' | 'sell';

export interface Trade extends MarketHeader {
  readonly type: 'price.trade';
  /** The venue's trade id, as a string. */
  readonly id: string;
  readonly price: string;
  readonly size: string;
  /** Side of the taker. */
  readonly side: Side;
}

/** Fields a venue does not give, or that are not known yet, are absent. */
export interface Ticker extends MarketHeader {
  readonly type: 'price.ticker';
  readonly last: string;
  readonly bid?: string;
  readonly ask?: string;
  readonly bidSize?: string;
  readonly askSize?: string;
  readonly open24h?: string;
  readonly high24h?: string;
  readonly low24h?: string;
  readonly volume24h?: string;
  readonly quoteVolume24h?: string;
  readonly vwap24h?: string;
  readonly change24h?: string;
  readonly changePct24h?: string;
  /** Milliseconds since the stream behind this ticker last brought anything, when it was made. */
  readonly ageMs?: number;
}

export type BarInterval = '1s' | '1m';

export interface Bar extends MarketHeader {
  readonly type: 'price.bar';
  readonly interval: BarInterval;
  /** First millisecond of the bar. */
  readonly start: number;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
  readonly quoteVolume: string;
  /** How many trades are in it; 0 with a price carried forward from the bar before. */
  readonly trades: number;
  /** No further update of this bar will come. */
  readonly closed: boolean;
  /** Trades of this bar are known to be missing. Absent means complete. */
  readonly incomplete?: boolean;
}

export type IntervalLevel = '50' | '80' | '90' | '95';

export interface ForecastHorizon {
  readonly seconds: number;
  readonly target: number;
  /** Centre of the intervals, a price. */
  readonly center: string;
  /** Standard deviation of the log return to the horizon. */
  readonly sigma: number;
  /** Central intervals as `[low, high]` prices by level in percent. */
  readonly levels: Readonly<Record<IntervalLevel, readonly [string, string]>>;
  /** Too few outcomes resolved to trust the calibration. */
  readonly warming: boolean;
  readonly scores: ForecastScores;
}

/**
 * Live scores of a horizon, computed as outcomes come in, each forecast scored once its target has passed. Null before
 * there is anything to compute from. What they mean: docs/forecasting.md.
 */
export interface ForecastScores {
  /** Outcomes resolved. */
  readonly n: number;
  /** Share of outcomes inside the interval, by level. */
  readonly coverage: Readonly<Record<IntervalLevel, number | null>>;
  /** Of the 90 % interval: its share again, the 95 % confidence band of it, the last 5,000, and the worst thousand in a row. */
  readonly coverage90: number | null;
  readonly coverage90Band: readonly [low: number, high: number] | null;
  readonly recentCoverage90: number | null;
  readonly worstCoverage90: number | null;
  /** Mean interval score of the 90 % interval and of a constant band beside it, in basis points; lower is better. */
  readonly intervalScore: number | null;
  readonly baselineScore: number | null;
  /** How much better than the constant band, in percent, and the Diebold-Mariano statistic of that difference. */
  readonly gain: number | null;
  readonly dm: number | null;
  /** Continuous ranked probability score, approximately, in basis points. */
  readonly crps: number | null;
  /** Share of outcomes without any move. */
  readonly zeroMoveShare: number | null;
  /** Of the centre against the random walk: skill, its Diebold-Mariano statistic, and how often the direction was right. */
  readonly skill: number | null;
  readonly skillDm: number | null;
  readonly hitRate: number | null;
}

export interface Forecast extends MarketHeader {
  readonly type: 'price.forecast';
  /** The price it was made at. */
  readonly price: string;
  readonly horizons: readonly ForecastHorizon[];
}

export type FeedState = 'live' | 'stale' | 'down' | 'resync';

export interface Health extends MarketHeader {
  readonly type: 'feed.health';
  readonly state: FeedState;
  /** When this state began. */
  readonly since: number;
  /** Milliseconds since the stream last brought anything; since its state began, if it never did. */
  readonly ageMs: number;
  readonly reason?: string;
}

/** Trades that the venue had and nobody can get any more. It comes before the first trade behind the gap. */
export interface Gap extends MarketHeader {
  readonly type: 'feed.gap';
  /** Ids of the trades before and behind it, where they are known; `ts` is the time of the one before. */
  readonly afterId?: string;
  readonly beforeId?: string;
  /** How many trades are missing, where the ids tell. */
  readonly missing?: number;
}

/** A message before the producer gave it its position. */
export type MarketMessage = Trade | Ticker | Bar | Forecast | Health | Gap;
export type MarketMessageType = MarketMessage['type'];

/** Which symbols there are, published by the producer on the group `catalog`: at its start, on change, and now and then. */
export interface Catalog {
  readonly type: 'feed.catalog';
  readonly symbols: readonly { readonly venue: string; readonly symbol: string }[];
}

/** The group of the catalog. Not a channel clients subscribe to. */
export const catalogGroup = 'catalog';
