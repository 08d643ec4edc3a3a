import type { History, Message } from '@tickwire/channel-layer';
import type { BarInterval } from '@tickwire/protocol';
import type { ApiHandler } from '../../../http/api/api.js';
import { UnmappableMessage } from '../payload-fields.js';
import { payloads } from '../payloads.js';
import { type BinanceSymbols, binanceName } from '../symbols.js';
import { decimalProduct } from './decimal-product.js';
import { BinanceApiError, invalidSymbol, missingParameter } from './errors.js';
import { exchangeInfo } from './exchange-info.js';
import { newestBars, newestTickers, newestTrades } from './market-data.js';
import { chosenSymbols, limitOf, requiredSymbol, wholeNumber } from './parameters.js';

export interface BinanceApiOptions {
  readonly history: Pick<History, 'newest'>;
  readonly symbols: BinanceSymbols;
  /** Milliseconds since the Unix epoch. @default Date.now */
  readonly now?: () => number;
}

const defaultLimit = 500;
const maxLimit = 1_000;

/**
 * What clients of Binance ask by REST before and beside their streams, by path below `/api/v3`. What it throws besides
 * `BinanceApiError` is history out of reach.
 */
export const binanceEndpoints = ({
  history,
  symbols,
  now = Date.now,
}: BinanceApiOptions): Readonly<Record<string, ApiHandler>> => {
  /** One object for one symbol, an array for several; those without a price yet are left out of it. */
  const tickers =
    (tell: (message: Message, name: string, query: URLSearchParams) => unknown): ApiHandler =>
    async ({ query }) => {
      const { entries, isOne } = chosenSymbols(query, symbols);
      const messages = await newestTickers(history, entries);
      const told = mapped([...entries.entries()], ([index, entry]) => {
        const message = messages[index];
        return message && tell(message, binanceName(entry), query);
      });
      if (isOne && told.length === 0) throw invalidSymbol();
      return { body: isOne ? told[0] : told };
    };

  return {
    ping: () => ({ body: {} }),
    time: () => ({ body: { serverTime: now() } }),
    exchangeInfo: ({ query }) => ({ body: exchangeInfo(chosenSymbols(query, symbols).entries, now()) }),
    'ticker/price': tickers((message, name) => ({ symbol: name, price: eventOf('ticker', message, name)['c'] })),
    'ticker/24hr': tickers((message, name, query) => dayStatistics(message, name, query.get('type') ?? 'FULL')),

    'ticker/bookTicker': tickers((message, name) => {
      const { b, B, a, A } = eventOf('ticker', message, name);
      return { symbol: name, bidPrice: b, bidQty: B, askPrice: a, askQty: A };
    }),

    async klines({ query }) {
      const entry = requiredSymbol(query, symbols);
      const interval = intervalOf(query.get('interval'));
      const limit = limitOf(query, defaultLimit, maxLimit);
      const startTime = wholeNumber(query, 'startTime');
      const endTime = wholeNumber(query, 'endTime') ?? Number.POSITIVE_INFINITY;
      const bars = await newestBars(history, entry, interval, startTime === undefined ? limit : maxLimit);
      const klines = mapped(bars, (bar) => klineOf(bar, interval));
      const chosen = klines.filter(([start]) => start >= (startTime ?? 0) && start <= endTime);
      return { body: startTime === undefined ? chosen.slice(-limit) : chosen.slice(0, limit) };
    },

    async trades({ query }) {
      const entry = requiredSymbol(query, symbols);
      const trades = await newestTrades(history, entry, limitOf(query, defaultLimit, maxLimit));
      return { body: mapped(trades, (trade) => tradeOf(trade, binanceName(entry))) };
    },

    async aggTrades({ query }) {
      const entry = requiredSymbol(query, symbols);
      const trades = await newestTrades(history, entry, limitOf(query, defaultLimit, maxLimit));
      return { body: mapped(trades, (trade) => aggTradeOf(trade, binanceName(entry))) };
    },
  };
};

type Event = Readonly<Record<string, string | number | boolean>>;
type Kline = readonly [number, ...(string | number)[]];

const eventOf = (kind: 'ticker' | 'trade', message: Message, name: string): Event =>
  JSON.parse(payloads[kind](message, name, 'ms')) as Event;

/** Leaves out messages of other writers that cannot be told in Binance's words, and what is told as undefined. */
const mapped = <T, R>(items: readonly T[], tell: (item: T) => R | undefined): R[] => {
  const told: R[] = [];
  for (const item of items) {
    try {
      const one = tell(item);
      if (one !== undefined) told.push(one);
    } catch (error) {
      if (!(error instanceof UnmappableMessage)) throw error;
    }
  }
  return told;
};

/** @throws BinanceApiError */
const intervalOf = (interval: string | null): BarInterval => {
  if (interval === null || interval === '') throw missingParameter('interval');
  if (interval !== '1s' && interval !== '1m') throw new BinanceApiError(-1120, 'Invalid interval.');
  return interval;
};

const dayStatistics = (message: Message, symbol: string, type: string): unknown => {
  const event = eventOf('ticker', message, symbol);
  const mini = {
    symbol,
    openPrice: event['o'],
    highPrice: event['h'],
    lowPrice: event['l'],
    lastPrice: event['c'],
    volume: event['v'],
    quoteVolume: event['q'],
    openTime: event['O'],
    closeTime: event['C'],
    firstId: event['F'],
    lastId: event['L'],
    count: event['n'],
  };
  if (type === 'MINI') return mini;
  return {
    ...mini,
    priceChange: event['p'],
    priceChangePercent: event['P'],
    weightedAvgPrice: event['w'],
    prevClosePrice: event['x'],
    lastQty: event['Q'],
    bidPrice: event['b'],
    bidQty: event['B'],
    askPrice: event['a'],
    askQty: event['A'],
  };
};

/** `[open time, o, h, l, c, volume, close time, quote volume, trades, taker volumes …, ignore]` */
const klineOf = (bar: Message, interval: BarInterval): Kline => {
  const kind = interval === '1s' ? 'kline_1s' : 'kline_1m';
  const { k } = JSON.parse(payloads[kind](bar, '', 'ms')) as { readonly k: Record<string, string | number> };
  const [start, ...rest] = [
    k['t'],
    k['o'],
    k['h'],
    k['l'],
    k['c'],
    k['v'],
    k['T'],
    k['q'],
    k['n'],
    k['V'],
    k['Q'],
    k['B'],
  ];
  return [Number(start), ...rest.map((value) => value ?? '0')];
};

const tradeOf = (trade: Message, name: string): unknown => {
  const { t, p, q, T, m } = eventOf('trade', trade, name);
  return {
    id: t,
    price: p,
    qty: q,
    quoteQty: decimalProduct(String(p), String(q)),
    time: T,
    isBuyerMaker: m,
    isBestMatch: true,
  };
};

const aggTradeOf = (trade: Message, name: string): unknown => {
  const { t, p, q, T, m } = eventOf('trade', trade, name);
  return { a: t, p, q, f: t, l: t, T, m, M: true };
};
