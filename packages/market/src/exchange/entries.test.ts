import { describe, expect, test } from '@jest/globals';
import { runFor, startVirtualFeed } from '../../../../tests/support/exchanges/index.js';
import { readEach } from './entries.js';
import { pairsOf, unlistedText } from './listing.js';
import type { Pair, Venue } from './venue.js';
import { type VenueName, venueNames, venueOf } from './venues.js';
import { textField } from './wire-fields.js';

const collect = () => {
  const reasons: string[] = [];
  return { reasons, onBadEntry: (reason: string) => void reasons.push(reason) };
};

/** A listing's entry in the venue's own form. */
const listed: Readonly<Record<VenueName, (name: string) => object>> = {
  binance: (name) => ({ symbol: `${name}USD`, baseAsset: name, quoteAsset: 'USD' }),
  coinbase: (name) => ({ id: `${name}-USD`, base_currency: name, quote_currency: 'USD' }),
  kraken: (name) => ({ wsname: `${name}/USD`, altname: `${name}USD`, pair_decimals: '2', lot_decimals: '8' }),
};
const listingAnswer: Readonly<Record<VenueName, (entries: readonly unknown[]) => unknown>> = {
  binance: (symbols) => ({ symbols }),
  coinbase: (products) => products,
  kraken: (pairs) => ({ error: [], result: { ...pairs } }),
};
/** Entries with a missing or broken field. */
const badListed: Readonly<Record<VenueName, readonly unknown[]>> = {
  binance: [{ symbol: 'NEWTHING', baseAsset: 'NEW' }, null, 7, { symbol: null, baseAsset: 'A', quoteAsset: 'B' }],
  coinbase: [{ id: 'X-USD', base_currency: null, quote_currency: 'USD' }, null, 'text', {}],
  kraken: [{ wsname: 'X/USD', altname: 'X', pair_decimals: '2' }, null, [], { wsname: 'X', altname: 'X' }].map(
    (each) => (Array.isArray(each) ? { wsname: 'Y/USD' } : each),
  ),
};

const restTrade: Readonly<Record<VenueName, (id: number, over?: object) => object>> = {
  binance: (id, over) => ({ id, price: '1.5', qty: '2', time: 1_700_000_000_000, isBuyerMaker: true, ...over }),
  coinbase: (id, over) => ({
    trade_id: id,
    price: '1.5',
    size: '2',
    time: '2024-01-01T00:00:00Z',
    side: 'buy',
    ...over,
  }),
  kraken: (id, over) => Object.assign(['1.5', '2', '1700000000', 'b', 'm', '', String(id)], over),
};
const tradesAnswer: Readonly<Record<VenueName, (entries: readonly unknown[]) => unknown>> = {
  binance: (trades) => trades,
  coinbase: (trades) => trades,
  kraken: (trades) => ({ error: [], result: { X: trades, last: '1' } }),
};
const zeroSize: Readonly<Record<VenueName, object>> = {
  binance: { qty: '0' },
  coinbase: { size: '0.0' },
  kraken: { 1: '0' },
};

describe('one bad entry', () => {
  test('[M110] is left out; anything but a list is a bad answer', () => {
    const { reasons, onBadEntry } = collect();
    expect(readEach([{ a: 'x' }, null, { a: 5 }, { a: 'y' }], (entry) => textField(entry, 'a'), onBadEntry)).toEqual([
      'x',
      'y',
    ]);
    expect(reasons).toEqual(['expected an entry, got null', 'expected text a, got 5']);
    expect(() => readEach({ a: 'x' }, () => 1, onBadEntry)).toThrow('expected a list');
  });

  test("[M110] an error of our own is not taken for the venue's", () => {
    const broken = (): never => {
      throw new TypeError('ours');
    };
    expect(() => readEach([{}], broken, () => {})).toThrow('ours');
  });

  test.each(venueNames)('[M110] of the listing of %s leaves the others', async (name) => {
    const { reasons, onBadEntry } = collect();
    const entries = [listed[name]('BTC'), ...badListed[name], listed[name]('ETH')];
    const pairs = await venueOf(name).rest.listing(async () => listingAnswer[name](entries), onBadEntry);
    expect(pairs.map(({ symbol }) => symbol)).toEqual(['BTC-USD', 'ETH-USD']);
    expect(reasons).toHaveLength(badListed[name].length);
  });

  test.each(venueNames)('[M110] [M104] of a page of trades of %s leaves the others', async (name) => {
    const { reasons, onBadEntry } = collect();
    const entries = [restTrade[name](8), restTrade[name](9, zeroSize[name]), null, restTrade[name](10)];
    const pair = { symbol: 'BTC-USD', name: 'X', restName: 'X' };
    const query = { pair, afterId: 7, beforeId: 11, afterMs: 0, rts: () => 5, maxTrades: 100, onBadEntry };
    let asked = 0;
    const get = async (): Promise<unknown> => tradesAnswer[name](asked++ === 0 ? entries : []);
    const trades = await venueOf(name).rest.trades(get, query);
    expect(trades.map(({ id }) => id).sort((a, b) => Number(a) - Number(b))).toEqual(['8', '10']);
    expect(reasons).toHaveLength(2);
  });

  test('[M110] [M104] of a frame of trades is one missing trade, counted and reported', async () => {
    const { run, exchange, record, feed, notices, symbols } = await startVirtualFeed('kraken', {
      feed: { venue: withBrokenTrade(venueOf('kraken'), 7) },
    });
    const [symbol = ''] = symbols;
    await run(3_000);
    await run(30_000);
    const { badEntries, frames } = feed.status();
    // A frame with only that trade is a bad frame; answers of the REST API have it among others.
    expect([badEntries > 0, frames.bad > 0]).toEqual([true, true]);
    expect(notices.filter(({ kind }) => kind === 'bad-entry').length).toBe(badEntries);
    const ids = record.tradeIds(symbol);
    expect(ids.every((id) => id % 7 !== 0)).toBe(true);
    for (const { afterId, beforeId } of record.gaps(symbol)) expect(beforeId - afterId).toBe(2);
    expect(exchange.violations).toEqual([]);
    await feed.close();
  });
});

describe('a trade that cannot be used', () => {
  test.each(venueNames)(
    '[M216] of %s is a gap before the next frame, without a question to the venue',
    async (name) => {
      const { run, exchange, record, feed, symbols, clock } = await startVirtualFeed(name);
      const [symbol = ''] = symbols;
      await run(20_000);
      const asked = exchange.requests.length;
      const statesBefore = record.states(symbol).length;
      const id = (exchange.truth(symbol).at(-1)?.id ?? 0) + 1;
      exchange.faults.spoilTrades = 1;
      exchange.trade(symbol);
      await runFor(clock, 100);
      expect(record.gaps(symbol)).toEqual([{ afterId: id - 1, beforeId: id + 1 }]);
      await run(20_000);
      expect(
        record
          .tradeIds(symbol)
          .filter((each) => each >= id - 1)
          .slice(0, 2),
      ).toEqual([id - 1, id + 1]);
      expect(record.states(symbol).slice(statesBefore)).toEqual([]);
      expect(exchange.requests.length).toBe(asked);
      await feed.close();
    },
  );
});

/** The venue, but trades whose id is a multiple have a size of zero, on the stream and by REST. */
const withBrokenTrade = (venue: Venue, multiple: number): Venue => ({
  ...venue,
  parse: (text) =>
    venue.parse(
      text
        .replace(/"qty":[\d.]+(,[^{}]*"trade_id":(\d+))/g, (all, rest, id) =>
          id % multiple === 0 ? `"qty":0${rest}` : all,
        )
        .replace(/("trade_id":(\d+)[^{}]*)"qty":[\d.]+/g, (all, rest, id) =>
          id % multiple === 0 ? `${rest}"qty":0` : all,
        )
        .replace(/\["([\d.]+)","([\d.]+)",([^\]]*),"?(\d+)"?\]/g, (all, price, _size, rest, id) =>
          id % multiple === 0 ? `["${price}","0",${rest},"${id}"]` : all,
        ),
    ),
});

describe('names that no channel can have', () => {
  const pairs: readonly Pair[] = [
    { symbol: 'AAPL-USD', name: 'AAPL/USD' },
    { symbol: 'AAPLx-USD', name: 'AAPLx/USD' },
    { symbol: '币安人生-USDT', name: '币安人生USDT' },
  ];

  test("[M111] are said not to be supported, and are nobody's nearest", () => {
    expect(unlistedText('kraken', ['AAPLX-USD', 'APL-USD'], pairs)).toBe(
      'kraken does not list AAPLX-USD (it lists AAPLx/USD; such names are not supported: only A-Z and 0-9, at most 49 characters), APL-USD (nearest: AAPL-USD)',
    );
  });

  test('[M111] cannot be followed', () => {
    expect(() => pairsOf('kraken', ['AAPLx-USD'], pairs)).toThrow('such names are not supported');
  });
});

describe('a stream whose trades stopped', () => {
  test('[M112] is stale with the time since its last trade as the reason, though quotes go on', async () => {
    const { run, exchange, record, feed, symbols, clock } = await startVirtualFeed('binance');
    const [symbol = ''] = symbols;
    await run(30_000);
    exchange.stall(symbol);
    const stalledAt = clock.now();
    await run(40_000);
    const stale = record.stateEvents(symbol).find(({ state }) => state === 'stale');
    const seconds = Number(/^no trades for (\d+) s/.exec(stale?.reason ?? '')?.[1]);
    expect(Math.abs(seconds - ((stale?.rts ?? 0) - stalledAt) / 1_000)).toBeLessThanOrEqual(2);
    await runFor(clock, 1);
    await feed.close();
  });
});
