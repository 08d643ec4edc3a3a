import { describe, expect, test } from '@jest/globals';
import { parseKeepingNumbers } from './keep-numbers.js';
import { createKrakenMapper, padDecimals } from './kraken-frames.js';
import { kraken } from './kraken-venue.js';

const pairs = [
  { symbol: 'BTC-USD', name: 'BTC/USD', restName: 'XBTUSD', listedName: 'XXBTZUSD', priceDecimals: 1, sizeDecimals: 8 },
  { symbol: 'SHIB-USD', name: 'SHIB/USD', restName: 'SHIBUSD', priceDecimals: 10, sizeDecimals: 5 },
];
const rts = 1_696_613_755_500;
const map = createKrakenMapper(pairs);
const read = (text: string) => map(parseKeepingNumbers(text), rts);

const trade =
  '{"symbol":"BTC/USD","side":"buy","price":105944.20,"qty":0.00027625,"ord_type":"limit","trade_id":10218208,"timestamp":"2023-10-06T17:35:55.440295Z"}';
const tradeFrame = (type: string, ...trades: string[]): string =>
  `{"channel":"trade","type":"${type}","data":[${trades.join(',')}]}`;
const tickerFrame =
  '{"channel":"ticker","type":"snapshot","data":[{"symbol":"BTC/USD","bid":105944.20,"bid_qty":2.5,"ask":105944.3,"ask_qty":1e-7,"last":105899.40,"volume":163.28908096,"vwap":105904.39279,"low":104711,"high":106613.10,"change":-250.00,"change_pct":-0.24,"timestamp":"2022-12-25T09:30:59.123456Z"}]}';

const noBadEntry = (reason: string): never => {
  throw new Error(reason);
};

describe('Kraken frames', () => {
  test('[M70] a frame gives all its trades; the side is that of the taker', () => {
    const second = trade.replace('10218208', '10218209').replace('"buy"', '"sell"');
    const header = { type: 'price.trade', venue: 'kraken', symbol: 'BTC-USD', ts: 1_696_613_755_440, rts };
    expect(read(tradeFrame('update', trade, second))).toEqual([
      { kind: 'trade', trade: { ...header, id: '10218208', price: '105944.20', size: '0.00027625', side: 'buy' } },
      { kind: 'trade', trade: { ...header, id: '10218209', price: '105944.20', size: '0.00027625', side: 'sell' } },
    ]);
  });

  test.each([
    // price, size, with the precision of the pair (10 and 5 decimals)
    ['0.00001234', '1000000', '0.0000123400', '1000000.00000'],
    ['1.234E-5', '1e3', '0.0000123400', '1000.00000'],
    ['123456789012345.678901234567', '0.1', '123456789012345.678901234567', '0.10000'],
    ['9007199254740993', '9007199254740993.12345', '9007199254740993.0000000000', '9007199254740993.12345'],
    ['0.1000000000000000055', '5.00000', '0.1000000000000000055', '5.00000'],
  ])('[M72] %s and %s keep every digit, and get the zeros of the pair', (price, size, expectedPrice, expectedSize) => {
    const text = trade.replace('BTC/USD', 'SHIB/USD').replace('105944.20', price).replace('0.00027625', size);
    expect(read(tradeFrame('update', text))).toMatchObject([{ trade: { price: expectedPrice, size: expectedSize } }]);
  });

  test('[M72] zeros are added, nothing is cut', () => {
    expect(['1', '1.5', '1.55', '1.555'].map((text) => padDecimals(text, 2))).toEqual([
      '1.00',
      '1.50',
      '1.55',
      '1.555',
    ]);
    expect([padDecimals('7', 0), padDecimals('7', undefined)]).toEqual(['7', '7']);
  });

  test('[M70] a ticker is a quote and the statistics', () => {
    const header = { venue: 'kraken', symbol: 'BTC-USD', ts: Date.UTC(2022, 11, 25, 9, 30, 59, 123), rts };
    const quote = { bid: '105944.20', bidSize: '2.50000000', ask: '105944.3', askSize: '0.00000010' };
    const day = { high24h: '106613.10', low24h: '104711.0', volume24h: '163.28908096', vwap24h: '105904.39279' };
    const change = { change24h: '-250.00', changePct24h: '-0.24' };
    expect(read(tickerFrame)).toEqual([
      { kind: 'quote', quote: { ...header, ...quote } },
      { kind: 'stats', stats: { ...header, last: '105899.40', ...day, ...change } },
    ]);
    const timeless = tickerFrame.replace(',"timestamp":"2022-12-25T09:30:59.123456Z"', '');
    expect(read(timeless)).toMatchObject([{ quote: { ts: rts } }, { stats: { ts: rts } }]);
  });

  test('[M82] a snapshot is of the past, ascending, a symbol at a time', () => {
    const shib = trade.replace('BTC/USD', 'SHIB/USD').replace('10218208', '7');
    const items = read(tradeFrame('snapshot', trade.replace('10218208', '12'), shib, trade.replace('10218208', '11')));
    expect(items).toMatchObject([
      { kind: 'past', symbol: 'BTC-USD', trades: [{ id: '11' }, { id: '12' }] },
      { kind: 'past', symbol: 'SHIB-USD', trades: [{ id: '7' }] },
    ]);
  });

  test('[M85] answers confirm or reject the streams that they name', () => {
    const answer = (rest: string): string => `{"method":"subscribe",${rest},"time_in":"2023-09-25T09:04:31.742599Z"}`;
    const confirmed = answer(
      '"result":{"channel":"ticker","symbol":"BTC/USD","snapshot":true},"success":true,"req_id":1',
    );
    expect(read(confirmed)).toEqual([{ kind: 'confirmed', keys: ['ticker:BTC/USD'], requestId: 1 }]);
    const error = '"success":false,"error":"Currency pair not supported BTC/FOO","symbol":"BTC/FOO","req_id":2';
    expect(read(answer(error))).toEqual([
      {
        kind: 'refused',
        reason: 'Currency pair not supported BTC/FOO',
        requestId: 2,
        keys: ['trade:BTC/FOO', 'ticker:BTC/FOO'],
      },
    ]);
    expect(read(answer('"success":false,"error":"Already subscribed","req_id":3'))).toEqual([
      { kind: 'confirmed', requestId: 3 },
    ]);
    expect(read('{"Error":"Exceeded msg rate"}')).toEqual([{ kind: 'limited' }]);
    expect(read('{"error":"Malformed request"}')).toEqual([{ kind: 'refused', reason: 'Malformed request' }]);
  });

  test('[M90] the status says whether the venue trades; its id beyond exact numbers does no harm', () => {
    const status = (system: string): string =>
      `{"channel":"status","data":[{"api_version":"v2","connection_id":13834774380200032777,"system":"${system}"}],"type":"update"}`;
    expect(read(status('online'))).toEqual([{ kind: 'system', isOpen: true, status: 'online' }]);
    expect(read(status('maintenance'))).toEqual([{ kind: 'system', isOpen: false, status: 'maintenance' }]);
    expect(read(status('post_only'))).toMatchObject([{ isOpen: true }]);
  });

  test('[M91] a pong has the venue time', () => {
    const pong = '{"method":"pong","req_id":101,"time_in":"2023-09-25T09:05:00.123456Z"}';
    expect(read(pong)).toEqual([{ kind: 'pong', venueMs: Date.UTC(2023, 8, 25, 9, 5, 0, 123) }]);
  });

  test('[M13] other frames and other pairs give nothing', () => {
    for (const text of ['{"channel":"heartbeat"}', '[]', 'null', '7', '{"channel":"book","data":[]}'])
      expect(read(text)).toEqual([]);
    expect(read(tradeFrame('update', trade.replace('BTC/USD', 'ETH/USD')))).toEqual([]);
  });

  test.each([
    ['text for a price', trade.replace('105944.20', '"x"')],
    ['a missing quantity', trade.replace('"qty":0.00027625,', '')],
    ['a quantity of zero', trade.replace('0.00027625', '0.000')],
    ['an exponent out of all proportion', trade.replace('105944.20', '1e999')],
    ['a fraction for an id', trade.replace('10218208', '1.5')],
    ['no time', trade.replace('timestamp', 'time')],
  ])('[M14] %s is refused', (_, text) => {
    expect(() => read(tradeFrame('update', text))).toThrow(expect.objectContaining({ code: 'bad-frame' }));
  });

  test('[M110] [M104] a trade of size zero in a frame is left out, and the others are used', () => {
    const nothing = trade.replace(/"qty":[^,]*,/, '"qty":0,');
    const items = read(tradeFrame('update', [trade, nothing, trade].join(',')));
    expect(items.map(({ kind }) => kind)).toEqual(['trade', 'trade', 'bad']);
    expect(items.at(-1)).toMatchObject({ reason: expect.stringContaining('expected positive qty') });
  });

  test('[M73] inherited fields do not count', () => {
    const hidden = `{"channel":"trade","type":"update","data":[{"__proto__":${trade}}]}`;
    expect(read(hidden)).toEqual([]);
    const mixed = trade.replace('"price":105944.20', '"__proto__":{"price":105944.20}');
    expect(() => read(tradeFrame('update', mixed))).toThrow(expect.objectContaining({ code: 'bad-frame' }));
  });
});

describe('Kraken requests', () => {
  test('[M74] the listing gives the new names, and the precision', async () => {
    const entry = (wsname: unknown, altname: string) => ({ wsname, altname, pair_decimals: '1', lot_decimals: '8' });
    const result = {
      XXBTZUSD: entry('XBT/USD', 'XBTUSD'),
      XDGEUR: entry('XDG/EUR', 'XDGEUR'),
      dark: entry(undefined, 'X'),
    };
    expect(await kraken.rest.listing(async () => ({ error: [], result }), noBadEntry)).toEqual([
      {
        symbol: 'BTC-USD',
        name: 'BTC/USD',
        restName: 'XBTUSD',
        listedName: 'XXBTZUSD',
        priceDecimals: 1,
        sizeDecimals: 8,
      },
      {
        symbol: 'DOGE-EUR',
        name: 'DOGE/EUR',
        restName: 'XDGEUR',
        listedName: 'XDGEUR',
        priceDecimals: 1,
        sizeDecimals: 8,
      },
    ]);
  });

  test('[M78] missing trades are requested by time, page by page, and have the precision of the stream', async () => {
    const paths: string[] = [];
    const pages = [
      {
        X: Array.from({ length: 1000 }, (_, i) => ['1.5', '2', '1696613755.4402957', 'b', 'm', '', String(i + 1)]),
        last: '77',
      },
      { X: [['1.5', '2', '1696613756', 's', 'm', '', '1001']], last: '78' },
    ];
    const get = async (path: string): Promise<unknown> => {
      paths.push(path);
      return { error: [], result: pages[paths.length - 1] };
    };
    const [pair] = pairs as [(typeof pairs)[0]];
    const query = {
      pair,
      afterId: 990,
      afterMs: 1_696_613_755_440,
      rts: () => rts,
      onBadEntry: noBadEntry,
      maxTrades: 9_000,
    };
    const trades = await kraken.rest.trades(get, query);
    expect(trades.map(({ id }) => Number(id))).toEqual([991, 992, 993, 994, 995, 996, 997, 998, 999, 1000, 1001]);
    expect(trades[0]).toMatchObject({ price: '1.5', size: '2.00000000', side: 'buy', ts: 1_696_613_755_440 });
    expect(trades.at(-1)).toMatchObject({ side: 'sell', ts: 1_696_613_756_000 });
    expect(paths).toEqual([
      '/0/public/Trades?pair=XBTUSD&since=1696613755439000000&count=1000',
      '/0/public/Trades?pair=XBTUSD&since=77&count=1000',
    ]);
  });

  test('[M78] an error in the answer is a failure', async () => {
    const get = async () => ({ error: ['EAPI:Rate limit exceeded'] });
    await expect(kraken.rest.listing(get, noBadEntry)).rejects.toThrow('Rate limit exceeded');
  });

  test('[M85] a message asks for one channel; tickers come with every change of the best prices', () => {
    expect(kraken.requests(['trade:A/B', 'ticker:A/B', 'trade:C/D'])).toEqual([
      ['trade:A/B', 'trade:C/D'],
      ['ticker:A/B'],
    ]);
    expect(JSON.parse(kraken.subscribeMessage(7, ['ticker:A/B']))).toEqual({
      method: 'subscribe',
      req_id: 7,
      params: { channel: 'ticker', symbol: ['A/B'], snapshot: true, event_trigger: 'bbo' },
    });
  });
});
