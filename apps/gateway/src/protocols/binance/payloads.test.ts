import { describe, expect, it } from '@jest/globals';
import { barPart } from './bar-part.js';
import { averagePrice } from './day-statistics.js';
import { klineText, payloads } from './payloads.js';

const header = { venue: 'binance', symbol: 'BNB-BTC', ts: 1672515782136, rts: 1672515782200, pts: 1672515782210 };
const position = { seq: 7, epoch: 'e' };
const trade = { type: 'price.trade', ...header, ...position, id: '12345', price: '0.00100', size: '100', side: 'sell' };
const day = { open24h: '0.0010', high24h: '0.0026', low24h: '0.0009', volume24h: '10000', quoteVolume24h: '18' };
const book = { bid: '0.0024', bidSize: '10', ask: '0.0026', askSize: '100' };
const change = { vwap24h: '0.0018', change24h: '0.0015', changePct24h: '150.000' };
const ticker = { type: 'price.ticker', ...header, ...position, last: '0.0025' };
const bar = {
  type: 'price.bar',
  ...header,
  ...position,
  interval: '1m',
  start: 1672515780000,
  open: '0.0010',
  high: '0.0025',
  low: '0.0015',
  close: '0.0020',
  volume: '1000',
  quoteVolume: '1.0',
  trades: 100,
  closed: false,
};

const reported = (kind: keyof typeof payloads, message: Record<string, unknown>, unit: 'ms' | 'us' = 'ms'): unknown =>
  JSON.parse(payloads[kind](message, 'BNBBTC', unit));

const klineEvent = (message: Record<string, unknown>, interval: '1s' | '1m', unit: 'ms' | 'us' = 'ms'): unknown => {
  const part = barPart(message, interval);
  return JSON.parse(klineText(part, interval, part.end, { message, name: 'BNBBTC', unit }));
};

describe('payloads of the Binance streams', () => {
  it('[G31] trade and aggTrade keep the strings, the id as a number and the taker side as `m`', () => {
    const common = { E: 1672515782210, s: 'BNBBTC', p: '0.00100', q: '100', T: 1672515782136, m: true, M: true };
    expect(reported('trade', trade)).toEqual({ e: 'trade', t: 12345, ...common });
    expect(reported('aggTrade', trade)).toEqual({ e: 'aggTrade', a: 12345, f: 12345, l: 12345, ...common });
    expect(reported('trade', { ...trade, side: 'buy' })).toMatchObject({ m: false });
  });

  it('[G31] the position replaces an id that is not a number; a long id keeps its digits', () => {
    expect(reported('trade', { ...trade, id: '9dc75fca-4bdd-4773-9f78-6f5d7ab2a110' })).toMatchObject({ t: 7 });
    expect(payloads.trade({ ...trade, id: '900719925474099301' }, 'BNBBTC', 'ms')).toContain('"t":900719925474099301,');
  });

  it('[G31] tickers', () => {
    expect(reported('ticker', { ...ticker, ...day, ...book, ...change })).toEqual({
      e: '24hrTicker',
      E: 1672515782210,
      s: 'BNBBTC',
      p: '0.0015',
      P: '150.000',
      w: '0.0018',
      x: '0.0010',
      c: '0.0025',
      Q: '0',
      b: '0.0024',
      B: '10',
      a: '0.0026',
      A: '100',
      o: '0.0010',
      h: '0.0026',
      l: '0.0009',
      v: '10000',
      q: '18',
      O: 1672515782136 - 86_400_000,
      C: 1672515782136,
      F: 0,
      L: 0,
      n: 0,
    });
    expect(reported('miniTicker', { ...ticker, ...day })).toEqual({
      e: '24hrMiniTicker',
      E: 1672515782210,
      s: 'BNBBTC',
      c: '0.0025',
      o: '0.0010',
      h: '0.0026',
      l: '0.0009',
      v: '10000',
      q: '18',
    });
    expect(reported('bookTicker', { ...ticker, ...book })).toEqual({
      u: 167251578221007,
      s: 'BNBBTC',
      b: '0.0024',
      B: '10',
      a: '0.0026',
      A: '100',
    });
    expect(reported('bookTicker', { ...ticker, bid: '0.0024', bidSize: '10' })).toMatchObject({
      b: '0.0024',
      a: '0',
      A: '0',
    });
  });

  it('[G31] where statistics are unknown, prices are the last one and sums are 0', () => {
    expect(reported('ticker', ticker)).toMatchObject({ o: '0.0025', h: '0.0025', l: '0.0025', v: '0', p: '0', b: '0' });
    expect(reported('miniTicker', ticker)).toMatchObject({ o: '0.0025', h: '0.0025', l: '0.0025', v: '0', q: '0' });
  });

  it('[G158] open, last and change agree, whichever of them the venue gave', () => {
    const odd = { ...ticker, last: '42000.5' };
    expect(reported('ticker', { ...odd, change24h: '-3499.5', changePct24h: '-7.69' })).toMatchObject({
      c: '42000.5',
      o: '45500',
      p: '-3499.5',
      P: '-7.69',
    });
    expect(reported('miniTicker', { ...odd, change24h: '-3499.5' })).toMatchObject({ c: '42000.5', o: '45500' });
    expect(reported('ticker', { ...odd, open24h: '42000.50', change24h: '-0.000000001' })).toMatchObject({
      p: '0',
      P: '0.000',
    });
    expect(reported('ticker', { ...odd, open24h: '40000', change24h: '2000.500', changePct24h: '5' })).toMatchObject({
      p: '2000.500',
      P: '5',
    });
    expect(reported('ticker', { ...odd, open24h: '40000' })).toMatchObject({ p: '2000.5', P: '5.001' });
    expect(reported('ticker', { ...ticker, last: '0.000000012500', open24h: '0.0000000120' })).toMatchObject({
      c: '0.000000012500',
      o: '0.0000000120',
      p: '0.0000000005',
      P: '4.167',
    });
  });

  it.each([
    ['61818.40', '3', '185457', '61819.00000000'],
    ['0.000000012', '3000', '0.0000364', '0.000000012133333'],
    ['0.50', '3', '1', '0.33333333'],
    ['0.50', '0', '0', '0.50'],
  ])(
    '[G161] an average price keeps its digits, however small prices are: of %s',
    (close, volume, quoteVolume, average) => {
      expect(averagePrice({ close, volume, quoteVolume })).toBe(average);
    },
  );

  it('[G31] [G330] klines', () => {
    const k = {
      t: 1672515780000,
      T: 1672515839999,
      s: 'BNBBTC',
      i: '1m',
      f: 0,
      L: 0,
      o: '0.0010',
      c: '0.0020',
      h: '0.0025',
      l: '0.0015',
      v: '1000',
      n: 100,
      x: false,
      q: '1.0',
      V: '500',
      Q: '0.5',
      B: '0',
    };
    expect(klineEvent(bar, '1m')).toEqual({ e: 'kline', E: 1672515782210, s: 'BNBBTC', k });
    // [G330] Half of the volume where nobody knows what takers bought.
    expect(klineEvent({ ...bar, volume: '0', quoteVolume: '0' }, '1m')).toMatchObject({ k: { V: '0' } });
    expect(klineEvent({ ...bar, takerBuyVolume: '400', takerBuyQuoteVolume: '0.4' }, '1m')).toMatchObject({
      k: { V: '400', Q: '0.4' },
    });
    expect(klineEvent({ ...bar, closed: true }, '1s')).toMatchObject({ k: { i: '1s', T: 1672515780999, x: true } });
  });

  it('[G31] forecasts have the horizons of their channel', () => {
    const horizon = { seconds: 60, target: 1672515842000, center: '0.0025', sigma: 0.01, levels: {}, warming: false };
    const message = { type: 'price.forecast', ...header, ...position, price: '0.0025', horizons: [horizon] };
    const expected = { e: 'forecast', E: 1672515782210, s: 'BNBBTC', p: '0.0025', T: 1672515782136, h: [horizon] };
    expect(reported('forecast', message)).toEqual(expected);
    expect(reported('forecast', message, 'us')).toMatchObject({
      h: [{ target: 1672515842000000 }],
      T: 1672515782136000,
    });
  });

  it('[G39] times in microseconds', () => {
    expect(reported('trade', trade, 'us')).toMatchObject({ E: 1672515782210000, T: 1672515782136000 });
    expect(klineEvent(bar, '1m', 'us')).toMatchObject({ k: { t: 1672515780000000, T: 1672515839999999 } });
    expect(reported('ticker', ticker, 'us')).toMatchObject({ C: 1672515782136000, O: 1672429382136000 });
  });

  it.each([
    ['a price as a number', { ...trade, price: 0.001 }],
    ['a price that would break the JSON', { ...trade, price: '1","x":"' }],
    ['a price with an exponent', { ...trade, price: '1e-3' }],
    ['no side', { ...trade, side: undefined }],
    ['a time that is no number', { ...trade, ts: '5' }],
    ['neither id nor position', { type: 'price.trade', ...header, price: '1', size: '1', side: 'buy' }],
  ])('[G31] a message with %s is not published', (_what, message) => {
    expect(() => payloads.trade(message, 'BNBBTC', 'ms')).toThrow(
      expect.objectContaining({ code: 'UNMAPPABLE_MESSAGE' }),
    );
  });

  it('[G31] a message that does not say when it was published has its own time as event time', () => {
    expect(reported('trade', { ...trade, pts: undefined })).toMatchObject({ E: 1672515782136 });
  });
});
