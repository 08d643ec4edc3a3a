import { periodNames } from '@tickwire/protocol';
import { z } from 'zod';
import { klineParameters } from '../../../protocols/binance/rest/klines.js';
import { symbolParameters } from '../../../protocols/binance/rest/parameters.js';
import { tradeParameters } from '../../../protocols/binance/rest/trades.js';
import { inQuery, ok, readSecurity, ref, type Schema } from './schemas.js';

const text = z.string();
const whole = z.int();
const levels = z.array(z.tuple([text, text])).describe('Price and size. One level at most.');

const quote = { bidPrice: text, bidQty: text, askPrice: text, askQty: text };
const span = {
  symbol: text,
  priceChange: text.exactOptional(),
  priceChangePercent: text.exactOptional(),
  weightedAvgPrice: text.exactOptional(),
  openPrice: text,
  highPrice: text,
  lowPrice: text,
  lastPrice: text,
  volume: text,
  quoteVolume: text,
  openTime: whole,
  closeTime: whole,
  firstId: whole,
  lastId: whole,
  count: whole,
};

/** Replies of `/api/v3`, in Binance's shapes. */
export const binanceSchemas = {
  BinanceError: z.object({ code: whole, msg: text }),
  BinanceExchangeInfo: z.object({
    timezone: text,
    serverTime: whole,
    rateLimits: z.array(z.object({ rateLimitType: text, interval: text, intervalNum: whole, limit: whole })),
    exchangeFilters: z.array(z.unknown()),
    symbols: z.array(
      z.looseObject({
        symbol: text,
        status: text,
        baseAsset: text,
        quoteAsset: text,
        filters: z.array(z.looseObject({})),
      }),
    ),
  }),
  BinancePrice: z.object({ symbol: text, price: text }),
  BinanceQuote: z.object({ symbol: text, ...quote }),
  BinanceTicker: z.object(span).describe('Without changes and average if `type=MINI`.'),
  BinanceDayTicker: z.object({
    ...span,
    prevClosePrice: text.exactOptional(),
    lastQty: text.exactOptional(),
    ...Object.fromEntries(Object.keys(quote).map((name) => [name, text.exactOptional()])),
  }),
  BinanceAveragePrice: z.object({ mins: whole, price: text, closeTime: whole }),
  BinanceDepth: z.object({ lastUpdateId: whole, bids: levels, asks: levels }),
  BinanceKline: z
    .tuple([whole, text, text, text, text, text, whole, text, whole, text, text, text])
    .describe(
      'Open time, open, high, low, close, volume, close time, quote volume, trades, taker volume, taker quote volume, unused.',
    ),
  BinanceTrade: z.object({
    id: whole,
    price: text,
    qty: text,
    quoteQty: text,
    time: whole,
    isBuyerMaker: z.boolean(),
    isBestMatch: z.boolean(),
  }),
  BinanceAggTrade: z.object({
    a: whole,
    p: text,
    q: text,
    f: whole,
    l: whole,
    T: whole,
    m: z.boolean(),
    M: z.boolean(),
  }),
  BinanceTradeFee: z.object({ symbol: text, makerCommission: text, takerCommission: text }),
} as const;

const word = (...values: readonly string[]): Schema => ({ type: 'string', ...(values.length > 0 && { enum: values }) });
const number = (fields: Schema = {}): Schema => ({ type: 'integer', minimum: 0, ...fields });
const limit = (fallback: number, most: number): Schema => number({ minimum: 1, maximum: most, default: fallback });

const parameters: Readonly<Record<string, readonly [description: string, schema: Schema]>> = {
  symbol: ['`BTCUSDT`', word()],
  symbols: ['`["BTCUSDT","ETHUSDT"]`', word()],
  symbolStatus: ['All symbols are trading.', word('TRADING', 'HALT', 'BREAK')],
  permissions: ['`SPOT`, or an array in JSON.', word()],
  showPermissionSets: ['Whether symbols have `permissionSets`.', word('true', 'false')],
  type: ['What a ticker holds.', word('FULL', 'MINI')],
  windowSize: ['`1m` to `59m`, `1h` to `23h`, `1d` to `7d`.', word()],
  timeZone: ['Where days begin: hours, or hours and minutes, from -12:00 to 14:00.', word()],
  interval: ['Length of a kline.', word(...periodNames)],
  limit: ['Maximum number.', limit(500, 1_000)],
  fromId: ['Trades from this id on.', number()],
  startTime: ['From this time on, in milliseconds.', number()],
  endTime: ['Up to this time, in milliseconds.', number()],
  timestamp: ['Not checked.', number()],
  recvWindow: ['Not checked.', number()],
  signature: ['Not checked.', word()],
};

const get = (
  operationId: string,
  summary: string,
  names: readonly string[],
  schema: Schema,
  { required = [], limits }: { readonly required?: readonly string[]; readonly limits?: Schema } = {},
): Schema => ({
  get: {
    operationId,
    summary,
    tags: ['Binance'],
    security: readSecurity,
    ...(names.length > 0 && {
      parameters: names.map((name) => {
        const [description = '', known = {}] = parameters[name] ?? [];
        return inQuery(name, description, name === 'limit' && limits ? limits : known, required.includes(name));
      }),
    }),
    responses: { 200: ok(summary, schema), default: ok('An error, in the form of Binance.', ref('BinanceError')) },
  },
});

const list = (name: string): Schema => ({ type: 'array', items: ref(name) });
const oneOrAll = (name: string): Schema => ({ anyOf: [ref(name), list(name)] });
const ofSymbol = { required: ['symbol'] };
const klines = (id: string): Schema =>
  get(id, 'Klines of any interval, the oldest first', klineParameters, list('BinanceKline'), {
    required: ['symbol', 'interval'],
  });

/** What clients of Binance read, by path. */
export const binancePaths: Readonly<Record<string, Schema>> = {
  '/api/v3/ping': get('binancePing', 'Nothing', [], { type: 'object' }),
  '/api/v3/time': get('binanceTime', 'The time of the gateway', [], {
    type: 'object',
    properties: { serverTime: { type: 'integer' } },
    required: ['serverTime'],
  }),
  '/api/v3/exchangeInfo': get(
    'binanceExchangeInfo',
    'All symbols, or those asked for',
    [...symbolParameters, 'permissions', 'showPermissionSets'],
    ref('BinanceExchangeInfo'),
  ),
  '/api/v3/ticker/price': get('binancePrices', 'Last prices', symbolParameters, oneOrAll('BinancePrice')),
  '/api/v3/ticker/bookTicker': get('binanceQuotes', 'Best bids and asks', symbolParameters, oneOrAll('BinanceQuote')),
  '/api/v3/ticker/24hr': get(
    'binanceDayTickers',
    'Statistics of 24 hours, as the venue reports them',
    [...symbolParameters, 'type'],
    oneOrAll('BinanceDayTicker'),
  ),
  '/api/v3/ticker/tradingDay': get(
    'binanceTradingDay',
    'Statistics since midnight; `symbol` or `symbols` is required',
    [...symbolParameters, 'timeZone', 'type'],
    oneOrAll('BinanceTicker'),
  ),
  '/api/v3/ticker': get(
    'binanceRollingTickers',
    'Statistics of a window; `symbol` or `symbols` is required',
    [...symbolParameters, 'windowSize', 'type'],
    oneOrAll('BinanceTicker'),
  ),
  '/api/v3/avgPrice': get(
    'binanceAveragePrice',
    'Average price of five minutes',
    ['symbol'],
    ref('BinanceAveragePrice'),
    ofSymbol,
  ),
  '/api/v3/depth': get('binanceDepth', 'Best bid and ask', ['symbol', 'limit'], ref('BinanceDepth'), {
    ...ofSymbol,
    limits: limit(100, 5_000),
  }),
  '/api/v3/klines': klines('binanceKlines'),
  '/api/v3/uiKlines': klines('binanceUiKlines'),
  '/api/v3/trades': get('binanceTrades', 'Trades', tradeParameters, list('BinanceTrade'), ofSymbol),
  '/api/v3/historicalTrades': get('binanceHistoricalTrades', 'Trades', tradeParameters, list('BinanceTrade'), ofSymbol),
  '/api/v3/aggTrades': get('binanceAggTrades', 'Trades', tradeParameters, list('BinanceAggTrade'), ofSymbol),
  '/sapi/v1/asset/tradeFee': get(
    'binanceTradeFees',
    'Fees, all 0',
    ['symbol', 'timestamp', 'recvWindow', 'signature'],
    list('BinanceTradeFee'),
  ),
  '/sapi/v1/system/status': get('binanceSystemStatus', 'The state, always normal', [], {
    type: 'object',
    properties: { status: { type: 'integer' }, msg: { type: 'string' } },
    required: ['status', 'msg'],
  }),
};
