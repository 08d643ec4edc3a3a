import {
  addDecimal,
  addProduct,
  type Bar,
  type BarInterval,
  compareDecimals,
  type DecimalSum,
  emptySum,
  formatSum,
  type Trade,
} from '@tickwire/protocol';
import type { Instrument } from '../feed.js';

/** A bar that still accepts trades. */
export interface OpenBar {
  readonly start: number;
  open: string;
  high: string;
  low: string;
  close: string;
  readonly volume: DecimalSum;
  readonly quoteVolume: DecimalSum;
  readonly takerBuyVolume: DecimalSum;
  readonly takerBuyQuoteVolume: DecimalSum;
  trades: number;
  /** Venue times of the trades that gave `open` and `close`. */
  openTs: number;
  closeTs: number;
  rts: number;
  /** Whether it changed since its last update. */
  changed: boolean;
  updatedAtMs: number;
}

type BarKind = Instrument & { readonly interval: BarInterval };

export const createOpenBar = (start: number): OpenBar => ({
  start,
  open: '',
  high: '',
  low: '',
  close: '',
  volume: emptySum(),
  quoteVolume: emptySum(),
  takerBuyVolume: emptySum(),
  takerBuyQuoteVolume: emptySum(),
  trades: 0,
  openTs: Number.POSITIVE_INFINITY,
  closeTs: Number.NEGATIVE_INFINITY,
  rts: 0,
  changed: false,
  updatedAtMs: Number.NEGATIVE_INFINITY,
});

/** Open and close follow venue time; among trades of one millisecond the first to arrive opens and the last closes. */
export const foldTrade = (bar: OpenBar, { ts, rts, price, size, side }: Trade): void => {
  if (bar.trades === 0 || compareDecimals(price, bar.high) > 0) bar.high = price;
  if (bar.trades === 0 || compareDecimals(price, bar.low) < 0) bar.low = price;
  if (ts < bar.openTs) {
    bar.open = price;
    bar.openTs = ts;
  }
  if (ts >= bar.closeTs) {
    bar.close = price;
    bar.closeTs = ts;
  }
  addDecimal(bar.volume, size);
  addProduct(bar.quoteVolume, price, size);
  if (side === 'buy') {
    addDecimal(bar.takerBuyVolume, size);
    addProduct(bar.takerBuyQuoteVolume, price, size);
  }
  bar.trades += 1;
  bar.rts = rts;
  bar.changed = true;
};

/** `ts` is that of the newest trade. */
export const toBar = (
  { venue, symbol, interval }: BarKind,
  bar: OpenBar,
  closed: boolean,
  incomplete: boolean,
): Bar => ({
  type: 'price.bar',
  venue,
  symbol,
  ts: bar.closeTs,
  rts: bar.rts,
  interval,
  start: bar.start,
  open: bar.open,
  high: bar.high,
  low: bar.low,
  close: bar.close,
  volume: formatSum(bar.volume),
  quoteVolume: formatSum(bar.quoteVolume),
  takerBuyVolume: formatSum(bar.takerBuyVolume),
  takerBuyQuoteVolume: formatSum(bar.takerBuyQuoteVolume),
  trades: bar.trades,
  closed,
  ...(incomplete ? { incomplete: true } : undefined),
});

/** A closed bar without a trade, at the last price. `ts` is its last millisecond. */
export const carriedBar = (
  { venue, symbol, interval }: BarKind,
  start: number,
  lengthMs: number,
  price: string,
  rts: number,
  incomplete: boolean,
): Bar => ({
  type: 'price.bar',
  venue,
  symbol,
  ts: start + lengthMs - 1,
  rts,
  interval,
  start,
  open: price,
  high: price,
  low: price,
  close: price,
  volume: '0',
  quoteVolume: '0',
  takerBuyVolume: '0',
  takerBuyQuoteVolume: '0',
  trades: 0,
  closed: true,
  ...(incomplete ? { incomplete: true } : undefined),
});
