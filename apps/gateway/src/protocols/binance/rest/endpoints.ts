import type { Message } from '@tickwire/channel-layer';
import type { CatalogEntry } from '@tickwire/protocol';
import type { ApiHandler, ApiReply } from '../../../http/api/api.js';
import { jsonArray, jsonTexts, jsonWith } from '../../../http/api/message-texts.js';
import { bookOf } from '../book.js';
import type { AnswerPast } from '../past.js';
import { decimal, type TimeUnit, timeIn } from '../payload-fields.js';
import { type BinanceSymbols, binanceName } from '../symbols.js';
import { illegalValue, invalidCombination, invalidSymbol, missingParameter } from './errors.js';
import { exchangeFields, symbolInfos } from './exchange-info.js';
import { answerKlines, klineParameters, timeZoneOf } from './klines.js';
import { mapped, newestTickers } from './market-data.js';
import { chosenSymbols, limitOf, requiredSymbol, symbolParameters, taking } from './parameters.js';
import {
  averagePriceAnswer,
  dayTicker,
  quoteOf,
  rollingTicker,
  type TickerForm,
  type TickerType,
  tickerTypeOf,
  tradingDayTicker,
  windowMinutesOf,
} from './tickers.js';
import { aggTradeOf, readTrades, tradeOf, tradeParameters } from './trades.js';

export interface BinanceApiOptions {
  readonly past: AnswerPast;
  readonly symbols: BinanceSymbols;
  /** The unit of all times in answers. @default 'ms' */
  readonly unit?: TimeUnit;
  /** Milliseconds since the Unix epoch. @default Date.now */
  readonly now?: () => number;
}

type AnswerOf = (entry: CatalogEntry, form: TickerForm) => Promise<unknown>;

const defaultLevels = 100;
const maxLevels = 5_000;
/** The most symbols whose bars are read for one answer. */
const maxRolling = 20;

/**
 * Binance's REST endpoints that clients of market data call, by path below `/api/v3`. Each throws `BinanceApiError` for
 * a bad request; any other error means that history is out of reach.
 */
export const binanceEndpoints = (options: BinanceApiOptions): Readonly<Record<string, ApiHandler>> => {
  const { past, symbols, unit = 'ms', now = Date.now } = options;
  const serverTime = (): number => timeIn(now(), unit);

  const rows = async (items: Iterable<unknown>): Promise<ApiReply> => ({
    body: jsonArray(await jsonTexts(items, past.turns)),
  });

  /** One object for one symbol, an array for several; symbols without a price yet are left out of the array. */
  const tickers = (
    answerOf: (message: Message, name: string, type: TickerType, unit: TimeUnit) => unknown,
    more: readonly string[] = [],
  ): ApiHandler =>
    taking([...symbolParameters, ...more], async ({ query }) => {
      const type = tickerTypeOf(query);
      const { entries, isOne } = chosenSymbols(query, symbols);
      const messages = await newestTickers(past, entries);
      const answers = mapped(entries.entries(), ([index, entry]) => {
        const message = messages[index];
        return message && answerOf(message, binanceName(entry), type, unit);
      });
      if (!isOne) return rows(answers);
      const [one] = answers;
      if (one === undefined) throw invalidSymbol();
      return { body: one };
    });

  /** The same, computed from bars: the request must name its symbols. */
  const folded = (parameter: string, answersOf: (query: URLSearchParams) => AnswerOf): ApiHandler =>
    taking([...symbolParameters, parameter, 'type'], async ({ query }) => {
      if (!query.has('symbol') && !query.has('symbols')) throw missingParameter('symbol');
      const { entries, isOne } = chosenSymbols(query, symbols);
      if (entries.length > maxRolling) throw illegalValue('symbols');
      const answerOf = answersOf(query);
      const answers: unknown[] = [];
      for (const entry of entries) {
        const answer = await answerOf(entry, { type: tickerTypeOf(query), unit });
        if (answer !== undefined) answers.push(answer);
      }
      if (isOne && answers.length === 0) throw invalidSymbol();
      return { body: isOne ? answers[0] : answers };
    });

  const rolling = folded('windowSize', (query) => {
    const minutes = windowMinutesOf(query);
    return async (entry, form) => {
      const [ticker] = await newestTickers(past, [entry]);
      return rollingTicker(past, entry, ticker, minutes, form);
    };
  });
  const tradingDay = folded('timeZone', (query) => {
    const offsetMs = timeZoneOf(query);
    return (entry, form) => tradingDayTicker(past, entry, offsetMs, form);
  });

  const ofSymbol = (
    names: readonly string[],
    answer: (entry: CatalogEntry, query: URLSearchParams) => Promise<unknown>,
  ): ApiHandler =>
    taking(names, async ({ query }) => {
      const body = await answer(requiredSymbol(query, symbols), query);
      if (body === undefined) throw invalidSymbol();
      return { body };
    });

  const rowsOf = (
    names: readonly string[],
    answer: (entry: CatalogEntry, query: URLSearchParams) => Promise<Iterable<unknown>>,
  ): ApiHandler => taking(names, async ({ query }) => rows(await answer(requiredSymbol(query, symbols), query)));

  const klines = rowsOf(klineParameters, (entry, query) => answerKlines(past, entry, query, unit));
  const tradesAs = (answerOf: (trade: Message, unit: TimeUnit) => unknown): ApiHandler =>
    rowsOf(tradeParameters, async (entry, query) =>
      mapped(await readTrades(past, entry, query), (trade) => answerOf(trade, unit)),
    );
  const trades = tradesAs(tradeOf);

  return {
    ping: taking([], () => ({ body: {} })),
    time: taking([], () => ({ body: { serverTime: serverTime() } })),
    exchangeInfo: taking(exchangeInfoParameters, async ({ query }) => {
      if (query.has('symbolStatus') && (query.has('symbol') || query.has('symbols'))) throw invalidCombination();
      const { entries } = chosenSymbols(query, symbols);
      const infos = symbolInfos(hasSpot(query) ? entries : [], hasPermissionSets(query));
      return { body: jsonWith(exchangeFields(serverTime()), 'symbols', await jsonTexts(infos, past.turns)) };
    }),
    'ticker/price': tickers((message, name) => ({ symbol: name, price: decimal(message, 'last') })),
    'ticker/24hr': tickers(dayTicker, ['type']),
    'ticker/bookTicker': tickers((message, name) => ({ symbol: name, ...quoteOf(message) })),
    ticker: rolling,
    'ticker/tradingDay': tradingDay,
    avgPrice: ofSymbol(['symbol'], (entry) => averagePriceAnswer(past, entry, unit)),

    depth: ofSymbol(['symbol', 'limit'], async (entry, query) => {
      limitOf(query, defaultLevels, maxLevels);
      const [ticker] = await newestTickers(past, [entry]);
      const { id, bids, asks } = ticker === undefined ? { id: 0, bids: [], asks: [] } : bookOf(ticker);
      return { lastUpdateId: id, bids, asks };
    }),

    klines,
    uiKlines: klines,
    trades,
    historicalTrades: trades,
    aggTrades: tradesAs(aggTradeOf),
  };
};

const exchangeInfoParameters = [...symbolParameters, 'permissions', 'showPermissionSets'];

/** `permissions=SPOT` or `["SPOT",…]`: every symbol here has that one. */
const hasSpot = (query: URLSearchParams): boolean => {
  const permissions = query.get('permissions');
  if (permissions === null) return true;
  if (query.has('symbol') || query.has('symbols')) throw invalidCombination();
  if (!/^\[?"?\w+"?(,"\w+")*\]?$/.test(permissions)) throw illegalValue('permissions');
  return /\bSPOT\b/.test(permissions);
};

const hasPermissionSets = (query: URLSearchParams): boolean => {
  const shown = query.get('showPermissionSets') ?? 'true';
  if (shown !== 'true' && shown !== 'false') throw illegalValue('showPermissionSets');
  return shown === 'true';
};

/** The few account endpoints that clients call before they read prices, by path below `/sapi/v1`. */
export const walletEndpoints = (symbols: BinanceSymbols): Readonly<Record<string, ApiHandler>> => ({
  // Clients sign this request; the signature is not checked. Nothing can be ordered here, so every fee is 0.
  'asset/tradeFee': taking(['symbol', 'timestamp', 'recvWindow', 'signature'], ({ query }) => ({
    body: chosenSymbols(query, symbols).entries.map((entry) => ({
      symbol: binanceName(entry),
      makerCommission: '0',
      takerCommission: '0',
    })),
  })),
  'system/status': taking([], () => ({ body: { status: 0, msg: 'normal' } })),
});
