import { describe, expect, test } from '@jest/globals';
import { wireFrames } from '../testing/index.js';
import { guessBinanceSymbol } from './binance-symbols.js';
import { binance } from './binance-venue.js';

const pairs = [{ symbol: 'BTC-USDT', name: 'BTCUSDT' }];
const rts = 1_723_161_254_087;
const map = binance.createMapper(pairs);

const noBadEntry = (reason: string): never => {
  throw new Error(reason);
};

describe('Binance connections', () => {
  test('[M85] answers to SUBSCRIBE confirm, errors of either shape reject', () => {
    expect(map({ result: null, id: 3 }, rts)).toEqual([{ kind: 'confirmed', requestId: 3 }]);
    expect(map({ code: 2, msg: 'Invalid request', id: 3 }, rts)).toEqual([
      { kind: 'refused', reason: 'Invalid request (2)', requestId: 3 },
    ]);
    expect(map({ error: { code: 3, msg: 'Invalid JSON' } }, rts)).toEqual([
      { kind: 'refused', reason: 'Invalid JSON (3)' },
    ]);
    expect(map({ result: ['btcusdt@trade'], id: 4 }, rts)).toEqual([]);
  });

  test('[M89] the notice of a disconnect is understood with and without wrapper', () => {
    const notice = { e: 'serverShutdown', E: 1770123456789 };
    expect(map(notice, rts)).toEqual([{ kind: 'shutdown' }]);
    expect(map({ stream: '!serverShutdown', data: notice }, rts)).toEqual([{ kind: 'shutdown' }]);
  });

  test('[M85] a message subscribes up to 200 streams', () => {
    const keys = Array.from({ length: 450 }, (_, i) => `trade:A${i}USDT` as const);
    expect(binance.requests(keys).map((request) => request.length)).toEqual([200, 200, 50]);
    expect(JSON.parse(binance.subscribeMessage(5, ['trade:BTCUSDT', 'bookTicker:BTCUSDT']))).toEqual({
      method: 'SUBSCRIBE',
      id: 5,
      params: ['btcusdt@trade', 'btcusdt@bookTicker'],
    });
  });

  test('[M74] [M111] [M113] the list gives names as the venue splits them, and the decimals of prices', async () => {
    const filters = [{ filterType: 'LOT_SIZE' }, { filterType: 'PRICE_FILTER', tickSize: '0.01000000' }];
    const listed = (symbol: string, baseAsset: string, quoteAsset: string) => ({ symbol, baseAsset, quoteAsset });
    const symbols = [
      { ...listed('BTCUSDT', 'BTC', 'USDT'), filters },
      listed('1000SATSTRY', '1000SATS', 'TRY'),
      listed('币安USDT', '币安', 'USDT'),
    ];
    expect(await binance.rest.listing(async () => ({ symbols }), noBadEntry)).toEqual([
      { symbol: 'BTC-USDT', name: 'BTCUSDT', priceDecimals: 2 },
      { symbol: '1000SATS-TRY', name: '1000SATSTRY' },
      { symbol: '币安-USDT', name: '币安USDT' },
    ]);
  });

  test('[M78] the newest trades come from memory, older ones from the archive, without overlap', async () => {
    const paths: string[] = [];
    const restTrade = (id: number) => ({
      id,
      price: '1.50',
      qty: '2.0',
      time: 1_700_000_000_000 + id,
      isBuyerMaker: true,
    });
    const get = async (path: string): Promise<unknown> => {
      paths.push(path);
      const from = /fromId=(\d+)/.exec(path)?.[1];
      return Array.from({ length: 1000 }, (_, i) => restTrade((from === undefined ? 3_001 : Number(from)) + i));
    };
    const [pair] = pairs as [(typeof pairs)[0]];
    const query = { pair, afterId: 1_500, afterMs: 0, rts: () => rts, onBadEntry: noBadEntry, maxTrades: 20_000 };
    const trades = await binance.rest.trades(get, query);
    expect(trades.map(({ id }) => Number(id))).toEqual(Array.from({ length: 2_500 }, (_, i) => 1_501 + i));
    expect(trades[0]).toMatchObject({ price: '1.50', size: '2.0', side: 'sell', ts: 1_700_000_001_501, rts });
    expect(paths).toEqual([
      '/api/v3/trades?symbol=BTCUSDT&limit=1000',
      '/api/v3/historicalTrades?symbol=BTCUSDT&limit=1000&fromId=1501',
      '/api/v3/historicalTrades?symbol=BTCUSDT&limit=1000&fromId=2501',
    ]);
    paths.length = 0;
    await binance.rest.trades(get, { ...query, afterId: 3_500 });
    expect(paths).toHaveLength(1);
  });

  test('[M70] the frames of a real connection give quotes with their strings', () => {
    const quote =
      '{"stream":"nknusdt@bookTicker","data":{"u":499869768,"s":"NKNUSDT","b":"0.35210000","B":"672.00000000","a":"0.35260000","A":"3199.00000000"}}';
    const frames = wireFrames('BINANCE.ws.1.0.txt', [quote]).filter(({ text }) => text.includes('@bookTicker'));
    expect(frames.length).toBeGreaterThan(0);
    for (const frame of frames) {
      const raw = JSON.parse(frame.text).data;
      const symbol = guessBinanceSymbol(raw.s) as string;
      const [item] = binance.createMapper([{ symbol, name: raw.s }])(JSON.parse(frame.text), frame.rts);
      const book = { bid: raw.b, bidSize: raw.B, ask: raw.a, askSize: raw.A };
      const header = { venue: 'binance', symbol, ts: frame.rts, rts: frame.rts };
      expect(item).toEqual({ kind: 'quote', order: raw.u, quote: { ...header, ...book } });
    }
  });

  test.each([
    ['a negative price', { p: '-1.0' }],
    ['a price of zero', { p: '0.00000000' }],
    ['a negative id', { t: -1 }],
    ['a time in microseconds', { T: 1_700_000_000_000_000 }],
  ])('[M14] a trade with %s is refused', (_, wrong) => {
    const frame = { e: 'trade', E: 1, s: 'BTCUSDT', t: 1, p: '1.0', q: '1.0', T: 1, m: true, ...wrong };
    expect(() => map(frame, rts)).toThrow(expect.objectContaining({ code: 'bad-frame' }));
  });
});
