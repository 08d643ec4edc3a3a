import { describe, expect, test } from '@jest/globals';
import { wireFrames } from '../testing/index.js';
import { createCoinbaseMapper } from './coinbase-frames.js';
import { coinbase } from './coinbase-venue.js';

const pairs = [
  { symbol: 'BTC-USD', name: 'BTC-USD' },
  { symbol: 'BAND-GBP', name: 'BAND-GBP' },
];
const rts = 1_618_677_817_079;
const map = createCoinbaseMapper(pairs);

const lastMatch =
  '{"type":"last_match","trade_id":881613,"maker_order_id":"27fff20b","taker_order_id":"1da6ce16","side":"sell","size":"0.04","price":"14.7775","product_id":"BAND-GBP","sequence":333938798,"time":"2021-04-17T16:43:30.244075Z"}';
const match = lastMatch.replace('last_match', 'match');
const ticker =
  '{"type":"ticker","sequence":333938798,"product_id":"BAND-GBP","price":"14.7775","open_24h":"14.6647","volume_24h":"94381.28000000","low_24h":"14.3691","high_24h":"16.55","volume_30d":"2295579.57000000","best_bid":"14.7550","best_ask":"14.8060","side":"buy","time":"2021-04-17T16:43:30.244075Z","trade_id":881613,"last_size":"0.04"}';

const trade = {
  type: 'price.trade',
  venue: 'coinbase',
  symbol: 'BAND-GBP',
  ts: 1_618_677_810_244,
  rts,
  id: '881613',
  price: '14.7775',
  size: '0.04',
  side: 'buy',
};

const noBadEntry = (reason: string): never => {
  throw new Error(reason);
};

describe('Coinbase frames', () => {
  test('[M70] [M71] a match is a trade of the side that took: the maker sold, so the taker bought', () => {
    expect(map(JSON.parse(match), rts)).toEqual([{ kind: 'trade', trade }]);
    const [bought] = map(JSON.parse(match.replace('"sell"', '"buy"')), rts);
    expect(bought).toMatchObject({ trade: { side: 'sell' } });
  });

  test('[M82] the last match before the subscription is distinguished from new ones', () => {
    expect(map(JSON.parse(lastMatch), rts)).toEqual([{ kind: 'past', symbol: 'BAND-GBP', trades: [trade] }]);
  });

  test('[M70] a ticker is statistics, and a quote where it has sizes', () => {
    const header = { venue: 'coinbase', symbol: 'BAND-GBP', ts: 1_618_677_810_244, rts };
    const day = { open24h: '14.6647', high24h: '16.55', low24h: '14.3691', volume24h: '94381.28000000' };
    const best = { bid: '14.7550', ask: '14.8060' };
    expect(map(JSON.parse(ticker), rts)).toEqual([
      { kind: 'stats', stats: { ...header, last: '14.7775', ...day, ...best } },
    ]);
    const withSizes = ticker.replace('"side"', '"best_bid_size":"1.50","best_ask_size":"3.844E-5","side"');
    expect(map(JSON.parse(withSizes), rts)).toEqual([
      { kind: 'quote', order: 333938798, quote: { ...header, ...best, bidSize: '1.50', askSize: '0.00003844' } },
      { kind: 'stats', stats: { ...header, last: '14.7775', ...day } },
    ]);
  });

  test('[M85] subscriptions confirm and errors reject the products that they name', () => {
    const confirmed = '{"type":"subscriptions","channels":[{"name":"ticker","product_ids":["BTC-USD","X-Y"]}]}';
    expect(map(JSON.parse(confirmed), rts)).toEqual([{ kind: 'confirmed', keys: ['ticker:BTC-USD', 'ticker:X-Y'] }]);
    const refused = '{"type":"error","message":"Failed to subscribe","reason":"BTC-USD is not a valid product"}';
    expect(map(JSON.parse(refused), rts)).toEqual([
      {
        kind: 'refused',
        reason: 'Failed to subscribe: BTC-USD is not a valid product',
        keys: ['matches:BTC-USD', 'ticker:BTC-USD', 'heartbeat:BTC-USD'],
      },
    ]);
    expect(map({ type: 'error', message: 'no' }, rts)).toEqual([{ kind: 'refused', reason: 'no' }]);
  });

  test('[M82] a heartbeat has the newest trade id', () => {
    const beat =
      '{"type":"heartbeat","sequence":90,"last_trade_id":20,"product_id":"BTC-USD","time":"2014-11-07T08:19:28.464459Z"}';
    expect(map(JSON.parse(beat), rts)).toEqual([{ kind: 'heartbeat', symbol: 'BTC-USD', lastTradeId: '20' }]);
  });

  test('[M13] other frames and other products give nothing', () => {
    for (const frame of [{}, [], null, 7, { type: 'l2update', product_id: 'BTC-USD' }, { type: 'match' }])
      expect(map(frame, rts)).toEqual([]);
    expect(map(JSON.parse(match.replace('BAND-GBP', 'ETH-USD')), rts)).toEqual([]);
  });

  test.each([
    ['a price that is no decimal', match.replace('"14.7775"', '"14,7"')],
    ['a number for a price', match.replace('"14.7775"', '14.7775')],
    ['no size', match.replace('"size":"0.04",', '')],
    ['a size of zero', match.replace('"0.04"', '"0.00"')],
    ['a negative price', match.replace('"14.7775"', '"-14.7775"')],
    ['an unknown side', match.replace('"sell"', '"both"')],
    ['an id beyond exact numbers', match.replace('881613', '9007199254740993')],
    ['a broken time', match.replace('2021-04-17T', '2021-04-31X')],
    ['a time that is none', match.replace('2021-04-17T16', '2021-04-17T99')],
    ['a ticker without a day', ticker.replace('"open_24h":"14.6647",', '')],
  ])('[M14] %s is refused', (_, text) => {
    expect(() => map(JSON.parse(text), rts)).toThrow(expect.objectContaining({ code: 'bad-frame' }));
  });

  test('[M70] the frames of a real connection: ids +1, sides as in the tickers, times of the venue', () => {
    const frames = wireFrames('COINBASE.ws.28.0.txt', [ticker, lastMatch, match.replace('881613', '881614')]);
    const names = new Set(frames.flatMap(({ text }) => /"product_id":"([^"]+)"/.exec(text)?.[1] ?? []));
    const mapAll = createCoinbaseMapper([...names].map((name) => ({ symbol: name, name })));
    const lastIds = new Map<string, number>();
    const tickerSides = new Map<string, unknown>();
    let trades = 0;
    for (const frame of frames) {
      const raw = JSON.parse(frame.text);
      if (raw.type === 'ticker') tickerSides.set(`${raw.product_id}#${raw.trade_id}`, raw.side);
      for (const item of mapAll(raw, frame.rts)) {
        const trade = item.kind === 'trade' ? item.trade : item.kind === 'past' ? item.trades[0] : undefined;
        if (!trade) continue;
        trades += 1;
        expect([trade.price, trade.size, trade.id]).toEqual([raw.price, raw.size, String(raw.trade_id)]);
        expect([trade.ts, trade.rts]).toEqual([Date.parse(raw.time), frame.rts]);
        const side = tickerSides.get(`${trade.symbol}#${trade.id}`);
        if (side !== undefined) expect(trade.side).toBe(side);
        const last = lastIds.get(trade.symbol);
        if (last !== undefined) expect(Number(trade.id)).toBe(last + 1);
        lastIds.set(trade.symbol, Number(trade.id));
      }
    }
    expect(trades).toBe(frames.filter(({ text }) => /"(last_)?match"/.test(text)).length);
    expect(tickerSides.size).toBeGreaterThan(0);
  });
});

describe('Coinbase requests', () => {
  test('[M85] one message subscribes all channels of up to a hundred products', () => {
    const names = Array.from({ length: 150 }, (_, i) => `A${i}-USD`);
    const keys = names.flatMap((name) => [`matches:${name}`, `ticker:${name}`] as const);
    const requests = coinbase.requests(keys);
    expect(requests.map((request) => request.length)).toEqual([200, 100]);
    expect(JSON.parse(coinbase.subscribeMessage(1, ['matches:A-B', 'ticker:A-B', 'matches:C-D']))).toEqual({
      type: 'subscribe',
      channels: [
        { name: 'matches', product_ids: ['A-B', 'C-D'] },
        { name: 'ticker', product_ids: ['A-B'] },
      ],
    });
  });

  test('[M78] missing trades are read page by page, newest first, and come out ascending', async () => {
    const all = Array.from({ length: 2_500 }, (_, i) => i + 1);
    const paths: string[] = [];
    const get = async (path: string): Promise<unknown> => {
      paths.push(path);
      const below = Number(/after=(\d+)/.exec(path)?.[1] ?? 9_999);
      return all
        .filter((id) => id < below)
        .slice(-1000)
        .reverse()
        .map((id) => ({ trade_id: id, side: 'buy', size: '1.0', price: '2.0', time: '2024-01-01T00:00:00.000000Z' }));
    };
    const query = {
      pair: { symbol: 'BTC-USD', name: 'BTC-USD' },
      afterId: 700,
      afterMs: 0,
      rts: () => 5,
      maxTrades: 9_000,
      onBadEntry: noBadEntry,
    };
    const trades = await coinbase.rest.trades(get, { ...query, beforeId: 2_400 });
    expect(trades.map(({ id }) => Number(id))).toEqual(all.slice(700, 2_399));
    expect(trades[0]).toMatchObject({ side: 'sell', rts: 5, size: '1.0' });
    expect(paths).toEqual([
      '/products/BTC-USD/trades?limit=1000&after=2400',
      '/products/BTC-USD/trades?limit=1000&after=1400',
    ]);
  });

  test('[M74] [M113] delisted products are left out; the increment gives the decimals of prices', async () => {
    const product = (id: string, status = 'online') => {
      const [base_currency, quote_currency] = id.split('-');
      return { id, base_currency, quote_currency, status, quote_increment: '0.0100' };
    };
    const get = async () => [product('BTC-USD'), product('OLD-USD', 'delisted')];
    expect(await coinbase.rest.listing(get, noBadEntry)).toEqual([
      { symbol: 'BTC-USD', name: 'BTC-USD', priceDecimals: 2 },
    ]);
  });
});
