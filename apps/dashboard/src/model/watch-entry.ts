import type { CatalogEntry, Health, Published, Ticker } from '@tickwire/protocol';
import { currenciesOf, type DollarRates } from './dollar-rates.js';
import { usedDecimalsOf } from './number-text.js';
import { createSparkline, type Sparkline } from './sparkline.js';
import type { Sortable } from './watch-order.js';

/** One symbol of the watchlist. */
export interface WatchEntry extends Sortable {
  /** Over 24 h, in the quote currency. */
  readonly quoteVolume: number;
  /** `<venue>.<symbol>` */
  readonly key: string;
  readonly own: CatalogEntry['own'];
  readonly ticker: Ticker | undefined;
  readonly health: Health | undefined;
  /** Prices of 24 hours. Where they reach back that far, the change is from the first to the last of them. */
  readonly sparkline: Sparkline;
  /**
   * Most digits behind the point of any price so far, zeros at the end aside: prices of a column then stand under each
   * other.
   */
  readonly decimals: number;
  /** When the newest ticker arrived. */
  readonly heardAt: number | undefined;
  /** Mean time between tickers. */
  readonly gapMs: number | undefined;
  /** Direction and time of the last change of price. */
  readonly moved: -1 | 0 | 1;
  readonly movedAt: number;
  /** `at`: when it came here; for one that was published before this page listened, when that was. */
  addTicker(ticker: Ticker & Partial<Published>, at: number): void;
  addHealth(health: Health): void;
  addPast(atMs: number, price: number): void;
  /** All past prices have been added. */
  endPast(): void;
  setFavourite(isFavourite: boolean): void;
  setOwn(own: CatalogEntry['own']): void;
}

/** Weight of a new gap in their mean. */
const gapWeight = 1 / 8;
const firstGapMs = 1_000;

export const createWatchEntry = (
  venue: string,
  symbol: string,
  rates: DollarRates,
  own?: CatalogEntry['own'],
): WatchEntry => {
  const { quote } = currenciesOf(symbol);
  const sparkline = createSparkline();
  const measureChange = (): void => {
    const { ticker } = entry;
    const { ends } = sparkline;
    if (ends !== undefined) {
      entry.move = ends[1] - ends[0];
      entry.changePercent = (entry.move / ends[0]) * 100;
    } else {
      entry.move = numberOf(ticker?.change24h);
      entry.changePercent = numberOf(ticker?.changePct24h);
    }
  };
  const entry: { -readonly [Key in keyof WatchEntry]: WatchEntry[Key] } = {
    key: `${venue}.${symbol}`,
    own,
    venue,
    symbol,
    ticker: undefined,
    health: undefined,
    sparkline,
    decimals: 0,
    heardAt: undefined,
    gapMs: undefined,
    moved: 0,
    movedAt: 0,
    last: Number.NaN,
    changePercent: Number.NaN,
    move: Number.NaN,
    quoteVolume: Number.NaN,
    get dollarVolume() {
      return entry.quoteVolume * rates.of(quote);
    },
    spreadBasisPoints: Number.NaN,
    heardAtVenue: Number.NaN,
    isFavourite: false,

    addTicker(ticker, at) {
      const price = Number(ticker.last);
      if (price !== entry.last && !Number.isNaN(entry.last)) {
        entry.moved = price > entry.last ? 1 : -1;
        entry.movedAt = at;
      }
      // One read back after a reconnect may be older than the newest, and says nothing about the habits of the symbol.
      if (entry.heardAt !== undefined && at > entry.heardAt) {
        const mean = entry.gapMs ?? firstGapMs;
        // An outage does not count as one of the symbol's usual gaps.
        const gap = Math.min(at - entry.heardAt, mean * 4);
        entry.gapMs = mean + (gap - mean) * gapWeight;
      }
      entry.heardAt = Math.max(entry.heardAt ?? at, at);
      entry.ticker = ticker;
      entry.last = price;
      entry.decimals = Math.max(entry.decimals, usedDecimals(ticker));
      entry.quoteVolume = quoteVolumeOf(ticker);
      rates.hear(symbol, price);
      entry.spreadBasisPoints = spreadOf(ticker);
      entry.heardAtVenue = at - (ticker.ageMs ?? 0);
      sparkline.add(ticker.pts ?? ticker.ts, price);
      measureChange();
    },

    addHealth(health) {
      entry.health = health;
    },
    addPast: sparkline.add,
    endPast: measureChange,
    setFavourite(isFavourite) {
      entry.isFavourite = isFavourite;
    },
    setOwn(changed) {
      entry.own = changed;
    },
  };
  return entry;
};

/** Looks at all prices of the ticker: one alone may happen to end in a zero. */
const usedDecimals = ({ last, bid = '', ask = '', high24h = '', low24h = '' }: Ticker): number =>
  Math.max(...[last, bid, ask, high24h, low24h].map(usedDecimalsOf));

/** In basis points of the middle; NaN without both sides, and zero is none. */
const spreadOf = ({ bid, ask }: Ticker): number => {
  const [low, high] = [Number(bid), Number(ask)];
  if (!(low > 0 && high > 0)) return Number.NaN;
  return ((high - low) / ((high + low) / 2)) * 10_000;
};

const numberOf = (text: string | undefined): number => (text === undefined ? Number.NaN : Number(text));

/** A venue that has only the volume in the base currency has it at today's price. */
const quoteVolumeOf = ({ quoteVolume24h, volume24h, vwap24h, last }: Ticker): number =>
  quoteVolume24h === undefined ? numberOf(volume24h) * Number(vwap24h ?? last) : Number(quoteVolume24h);
