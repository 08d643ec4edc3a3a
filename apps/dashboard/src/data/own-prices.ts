import { type Bar, type BarInterval, channelName, type Published, type Ticker, type Trade } from '@tickwire/protocol';
import type { CandleSeries } from '../model/candle-series.js';
import type { LiveClient } from './live-client.js';
import type { OwnChannels, SymbolName } from './symbols.js';

/** A message with a price, of a channel of trades or of tickers. */
export type OwnMessage = (Ticker | Trade) & Published;

/** A message of either as a ticker. */
export const tickerOf = (message: OwnMessage): Ticker & Published => {
  if (message.type === 'price.ticker') return message;
  const { venue, symbol, ts, rts, pts, seq, epoch, price } = message;
  return { type: 'price.ticker', venue, symbol, ts, rts, pts, seq, epoch, last: price };
};

export interface OwnCandlesOptions {
  readonly client: Pick<LiveClient, 'follow'>;
  readonly own: OwnChannels;
  readonly venue: string;
  readonly symbol: string;
  readonly series: CandleSeries;
  readonly interval: BarInterval;
  readonly intervalMs: number;
  readonly onChange: () => void;
  readonly onStart: () => void;
}

/** Messages of history that one subscription brings. */
const lastPrices = 1_000;
/** Candles that a late price may still change. */
const maxOpen = 10;

interface OpenCandle {
  readonly start: number;
  open: string;
  high: string;
  low: string;
  close: string;
  volume: number;
  trades: number;
  /** Times of the prices that gave `open` and `close`. */
  openTs: number;
  closeTs: number;
}

/** There are no bars of such prices: candles are folded here, as far back as history reaches. */
export const followOwnCandles = (options: OwnCandlesOptions): (() => void) => {
  const { client, own, venue, symbol, series, interval, intervalMs, onChange, onStart } = options;
  // Trades have sizes as well.
  const channel = own.trade ?? own.ticker ?? channelName('ticker', venue, symbol);
  let open: OpenCandle[] = [];
  let lastSeq = 0;

  const fold = (message: OwnMessage): void => {
    const { ts, rts } = message;
    const [price, size] = message.type === 'price.trade' ? [message.price, Number(message.size)] : [message.last, 0];
    const start = Math.floor(ts / intervalMs) * intervalMs;
    let candle = open.find((each) => each.start === start);
    if (candle === undefined) {
      if (open[0] !== undefined && open.length >= maxOpen && start < open[0].start) return;
      const prices = { open: price, high: price, low: price, close: price };
      candle = { start, ...prices, volume: 0, trades: 0, openTs: ts, closeTs: ts };
      open = [...open, candle].sort((a, b) => a.start - b.start).slice(-maxOpen);
    }
    if (Number(price) > Number(candle.high)) candle.high = price;
    if (Number(price) < Number(candle.low)) candle.low = price;
    // A late price is in its place: neither the first nor the last to arrive decides.
    if (ts < candle.openTs) [candle.open, candle.openTs] = [price, ts];
    if (ts >= candle.closeTs) [candle.close, candle.closeTs] = [price, ts];
    candle.volume += size;
    candle.trades += 1;
    const header = { type: 'price.bar', venue, symbol, ts, rts, interval } as const;
    const { openTs: _, closeTs: __, ...figures } = candle;
    const volume = String(candle.volume);
    series.add({ ...header, ...figures, volume, quoteVolume: '0', closed: false } satisfies Bar);
  };

  return client.follow<OwnMessage>(
    channel,
    {
      last: lastPrices,
      onStart: (start) => {
        onStart();
        if (start === 'recovered') return;
        open = [];
        lastSeq = 0;
        series.clear();
      },
    },
    ({ message, seq }) => {
      // Counted once, however often it comes.
      if (seq > 0 && seq <= lastSeq) return;
      lastSeq = Math.max(lastSeq, seq);
      fold(message);
      onChange();
    },
  );
};

/** Every channel that a symbol's price, or what is known of its state, comes from. */
export const priceChannelsOf = ({
  venue,
  symbol,
  own,
}: Pick<SymbolName, 'venue' | 'symbol'> & { readonly own: OwnChannels | undefined }): readonly string[] =>
  own === undefined
    ? (['ticker', 'health', 'trade'] as const).map((kind) => channelName(kind, venue, symbol))
    : [ownNameOf({ venue, symbol }, own)];

/** For a list, tickers have more fields than trades. */
export const ownNameOf = (
  { venue, symbol }: Pick<SymbolName, 'venue' | 'symbol'>,
  { ticker, trade }: OwnChannels,
): string => ticker ?? trade ?? channelName('ticker', venue, symbol);
