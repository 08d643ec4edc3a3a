import { describe, expect, test } from '@jest/globals';
import { mapBinanceFrame } from './binance-frames.js';
import { binanceQuoteAssets, guessBinanceSymbol } from './binance-symbols.js';

const symbols = new Map([
  ['BTCUSDT', 'BTC-USDT'],
  ['BNBBTC', 'BNB-BTC'],
]);
const rts = 1_672_515_782_000;

const trade = {
  e: 'trade',
  E: 1672515782136,
  s: 'BNBBTC',
  t: 12345,
  p: '0.00100000',
  q: '100',
  T: 1672515782135,
  m: true,
  M: true,
};
const bookTicker = { u: 400900217, s: 'BTCUSDT', b: '25.35190000', B: '31.21', a: '25.36520000', A: '40.66000000' };
const ticker = {
  e: '24hrTicker',
  E: 1672515782136,
  s: 'BNBBTC',
  p: '-0.0015',
  P: '-2.500',
  w: '0.0018',
  x: '0.0009',
  c: '0.0025',
  Q: '10',
  b: '0.0024',
  B: '10',
  a: '0.0026',
  A: '100',
  o: '0.0010',
  h: '0.0025',
  l: '0.0010',
  v: '10000',
  q: '18',
  O: 0,
  C: 86400000,
  F: 0,
  L: 18150,
  n: 18151,
};

describe('Binance frames', () => {
  test('[M10] a trade keeps the strings and the time of the trade', () => {
    const expected = [
      {
        kind: 'trade',
        trade: {
          type: 'price.trade',
          venue: 'binance',
          symbol: 'BNB-BTC',
          ts: 1672515782135,
          rts,
          id: '12345',
          price: '0.00100000',
          size: '100',
          side: 'sell',
        },
      },
    ];
    expect(mapBinanceFrame(trade, rts, symbols)).toEqual(expected);
    expect(mapBinanceFrame({ stream: 'bnbbtc@trade', data: trade }, rts, symbols)).toEqual(expected);
  });

  test('[M11] the taker sold where the buyer was the maker, and bought where not', () => {
    const sideOf = (m: boolean) => mapBinanceFrame({ ...trade, m }, rts, symbols)[0];
    expect(sideOf(true)).toMatchObject({ trade: { side: 'sell' } });
    expect(sideOf(false)).toMatchObject({ trade: { side: 'buy' } });
  });

  test('[M12] a book ticker is a quote at its receive time', () => {
    expect(mapBinanceFrame({ stream: 'btcusdt@bookTicker', data: bookTicker }, rts, symbols, 'binance-us')).toEqual([
      {
        kind: 'quote',
        order: 400900217,
        quote: {
          venue: 'binance-us',
          symbol: 'BTC-USDT',
          ts: rts,
          rts,
          bid: '25.35190000',
          bidSize: '31.21',
          ask: '25.36520000',
          askSize: '40.66000000',
        },
      },
    ]);
  });

  test('[M12] tickers are statistics of the day', () => {
    const day = {
      venue: 'binance',
      symbol: 'BNB-BTC',
      ts: 1672515782136,
      rts,
      last: '0.0025',
      open24h: '0.0010',
      high24h: '0.0025',
      low24h: '0.0010',
      volume24h: '10000',
      quoteVolume24h: '18',
    };
    const book = { bid: '0.0024', bidSize: '10', ask: '0.0026', askSize: '100' };
    const change = { vwap24h: '0.0018', change24h: '-0.0015', changePct24h: '-2.500' };
    expect(mapBinanceFrame(ticker, rts, symbols)).toEqual([{ kind: 'stats', stats: { ...day, ...book, ...change } }]);
    const mini = {
      e: '24hrMiniTicker',
      E: 1672515782136,
      s: 'BNBBTC',
      c: '0.0025',
      o: '0.0010',
      h: '0.0025',
      l: '0.0010',
    };
    expect(mapBinanceFrame({ ...mini, v: '10000', q: '18' }, rts, symbols)).toEqual([{ kind: 'stats', stats: day }]);
  });

  test.each([
    ['an answer', { result: null, id: 1 }],
    ['another symbol', { ...trade, s: 'ETHUSDT' }],
    ['a depth update', { e: 'depthUpdate', E: 1, s: 'BTCUSDT', U: 1, u: 2, b: [], a: [] }],
    ['a REST snapshot', { lastUpdateId: 1, bids: [], asks: [] }],
    ['an announced shutdown', { stream: '!serverShutdown', data: { e: 'serverShutdown', E: 1770123456789 } }],
    ['a kind of tomorrow', { e: 'referencePrice', s: 'BTCUSDT' }],
    ['an empty object', {}],
    ['null', null],
    ['a number', 5],
    ['a stream without data', { stream: 'btcusdt@trade' }],
    ['an array', [trade]],
  ])('[M13] %s gives nothing', (_what, frame) => {
    expect(mapBinanceFrame(frame, rts, symbols)).toEqual([]);
  });

  test.each([
    ['a price as a number', { ...trade, p: 0.001 }],
    ['a price with an exponent', { ...trade, p: '1e-3' }],
    ['no size', { ...trade, q: undefined }],
    ['no id', { ...trade, t: undefined }],
    ['an id that lost digits', { ...trade, t: 2 ** 53 }],
    ['a time in microseconds', { ...trade, T: 1672515782135000 }],
    ['no maker flag', { ...trade, m: undefined }],
    ['a bad bid', { ...bookTicker, b: '' }],
    ['a bad high', { ...ticker, h: 'NaN' }],
  ])('[M14] %s is refused', (_what, frame) => {
    expect(() => mapBinanceFrame(frame, rts, symbols)).toThrow(expect.objectContaining({ code: 'bad-frame' }));
  });

  test.each([
    ['BTCUSDT', 'BTC-USDT'],
    ['USDTTRY', 'USDT-TRY'],
    ['BTCFDUSD', 'BTC-FDUSD'],
    ['WBETHETH', 'WBETH-ETH'],
    ['ETHBTC', 'ETH-BTC'],
    ['SUSDT', 'S-USDT'],
    ['BTCIDR', 'BTC-IDR'],
    ['BTCBIDR', 'BTC-BIDR'],
    ['BTCUSD', undefined],
    ['USDT', undefined],
    ['', undefined],
    ['20240809', undefined],
  ])('[M15] %p is taken for %p', (name, symbol) => {
    expect(guessBinanceSymbol(name)).toBe(symbol);
  });

  test('[M15] one quote asset alone is the end of another: the longer one is taken', () => {
    const pairs = binanceQuoteAssets.flatMap((a) => binanceQuoteAssets.map((b) => [a, b] as const));
    expect(pairs.filter(([a, b]) => a !== b && a.endsWith(b))).toEqual([['BIDR', 'IDR']]);
  });
});
