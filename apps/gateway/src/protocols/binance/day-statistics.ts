import {
  addDecimal,
  compareDecimals,
  type DecimalSum,
  emptySum,
  formatQuotient,
  formatSum,
  subtractSum,
} from '@tickwire/protocol';
import { decimal, decimalOr, type Fields } from './payload-fields.js';

/** Binance's statistics of a span of time up to now; the fields of its tickers. */
export interface Statistics {
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly last: string;
  /** `last - open`. */
  readonly change: string;
  readonly changePercent: string;
  readonly averagePrice: string;
  readonly volume: string;
  readonly quoteVolume: string;
}

const percentDecimals = 3;
const significantDigits = 8;

/**
 * Statistics of the 24 hours before a ticker. Unknown prices are the last one, unknown sums 0. Open, last and
 * change agree, whichever of them the venue gave. @throws UnmappableMessage
 */
export const dayStatistics = (ticker: Fields): Statistics => {
  const last = decimal(ticker, 'last');
  const given = decimalOr(ticker, 'change24h', undefined);
  const open = decimalOr(ticker, 'open24h', given === undefined ? last : difference(last, given));
  const change = difference(last, open);
  const isAsGiven = given !== undefined && formatSum(sumOf(given)) === change;
  const percent = isAsGiven ? decimalOr(ticker, 'changePct24h', undefined) : undefined;
  return {
    open,
    last,
    high: decimalOr(ticker, 'high24h', last),
    low: decimalOr(ticker, 'low24h', last),
    change: isAsGiven ? given : change,
    changePercent: percent ?? percentOf(change, open),
    averagePrice: decimalOr(ticker, 'vwap24h', last),
    volume: decimalOr(ticker, 'volume24h', '0'),
    quoteVolume: decimalOr(ticker, 'quoteVolume24h', '0'),
  };
};

type Bought = Readonly<Record<'open' | 'high' | 'low' | 'close' | 'volume' | 'quoteVolume', string>>;

/** Statistics of the time of a bar. */
export const barStatistics = (bar: Bought): Statistics => {
  const { open, high, low, close: last, volume, quoteVolume } = bar;
  const change = difference(last, open);
  const changePercent = percentOf(change, open);
  return { open, high, low, last, change, changePercent, averagePrice: averagePrice(bar), volume, quoteVolume };
};

/** Average price of a unit; the last price where nothing was traded. */
export const averagePrice = ({
  close,
  volume,
  quoteVolume,
}: Pick<Bought, 'close' | 'volume' | 'quoteVolume'>): string => {
  const units = sumOf(volume);
  return units.units === 0n ? close : formatQuotient(sumOf(quoteVolume), units, decimalsLike(close));
};

/** Enough to keep prices as small as this one apart. */
const decimalsLike = (price: string): number => (/^0\.(0*)/.exec(price)?.[1] ?? '').length + significantDigits;

const percentOf = (change: string, open: string): string => {
  if (compareDecimals(open, '0') === 0) return '0';
  const hundredfold = sumOf(change);
  hundredfold.units *= 100n;
  return formatQuotient(hundredfold, sumOf(open), percentDecimals);
};

const difference = (a: string, b: string): string => {
  const sum = sumOf(a);
  subtractSum(sum, sumOf(b));
  return formatSum(sum);
};

const sumOf = (text: string): DecimalSum => {
  const sum = emptySum();
  addDecimal(sum, text);
  return sum;
};
