import { describe, expect, it } from '@jest/globals';
import { decimalText, type GivenPublication, ownMessage } from './own-message.js';

const nowMs = Date.UTC(2026, 10, 28);
const options = { nowMs, newId: () => 'an id' };
const data = (fields: unknown): GivenPublication => ({ kind: 'data', data: fields });
const ticker = 'ticker.mine.BTC-USD';
const trade = 'trade.mine.BTC-USD';

describe('what is published on own channels', () => {
  it.each<[number, string | undefined]>([
    [61_000.5, '61000.5'],
    [1e-7, '0.0000001'],
    [1.25e-9, '0.00000000125'],
    [-1.5e-7, '-0.00000015'],
    [1e21, '1000000000000000000000'],
    [1.234e25, '12340000000000000000000000'],
    [Number.NaN, undefined],
    [Number.POSITIVE_INFINITY, undefined],
  ])('[G183] the number %d is the decimal %s', (value, text) => {
    expect(decimalText(value)).toBe(text);
  });

  it('[G183] a price needs no more than the price; numbers become decimals', () => {
    expect(ownMessage(ticker, { schema: 'ticker' }, data({ last: 61_000.5, ask: '61001.00' }), options)).toEqual({
      message: {
        type: 'price.ticker',
        venue: 'mine',
        symbol: 'BTC-USD',
        ts: nowMs,
        rts: nowMs,
        pts: nowMs,
        last: '61000.5',
        ask: '61001.00',
      },
      price: { venue: 'mine', symbol: 'BTC-USD', own: { ticker } },
    });
    expect(
      ownMessage(trade, { schema: 'trade' }, data({ price: 1e-7, size: 2, side: 'buy', ts: nowMs - 7 }), options),
    ).toEqual({
      message: {
        type: 'price.trade',
        venue: 'mine',
        symbol: 'BTC-USD',
        ts: nowMs - 7,
        rts: nowMs,
        pts: nowMs,
        id: 'an id',
        price: '0.0000001',
        size: '2',
        side: 'buy',
      },
      price: { venue: 'mine', symbol: 'BTC-USD', own: { trade } },
    });
  });

  it.each<[string, unknown, RegExp]>([
    ['no price', {}, /^a ticker must have last$/],
    ['a price of zero', { last: 0 }, /^last of a ticker must be a decimal above zero without exponent, as text$/],
    ['a price below zero', { last: -1 }, /^last of a ticker/],
    ['an exponent', { last: '1e5' }, /^last of a ticker/],
    ['words', { last: 'much' }, /^last of a ticker/],
    ['a field it does not have', { last: 1, lats: 2 }, /has no field lats$/],
    ['another symbol', { last: 1, symbol: 'ETH-USD' }, /is of mine and BTC-USD, not of mine and ETH-USD/],
    ['a time in seconds', { last: 1, ts: 1_795_822_000 }, /^ts of a ticker .*, got 1795822000: is it in seconds\?$/],
    ['one in microseconds', { last: 1, ts: nowMs * 1_000 }, /^ts of a ticker .*: is it in microseconds\?$/],
    ['one in nanoseconds', { last: 1, rts: nowMs * 1e6 }, /^rts of a ticker /],
    ['no time', { last: 1, ts: 0 }, /^ts of a ticker must be milliseconds since 1970, from 1980 to tomorrow, got 0$/],
    ['a time before 1970', { last: 1, rts: -1 }, /^rts of a ticker must be milliseconds.* got -1$/],
    ['a time in words', { last: 1, ts: 'now' }, /^ts of a ticker must be a whole number of milliseconds since 1970$/],
    ['a position', { last: 1, seq: 1 }, /^seq is given by the server/],
    ['a time of publication', { last: 1, pts: 1 }, /^pts is given by the server/],
    ['a list', [1], /must be an object with the fields of a ticker/],
    ['nothing', null, /must be an object/],
  ])('[G183] [G310] a ticker with %s is rejected', (_what, fields, problem) => {
    expect(ownMessage(ticker, { schema: 'ticker' }, data(fields), options)).toEqual({
      problem: expect.stringMatching(problem),
    });
  });

  it('[G183] a name that no page would take for a price is rejected with the form', () => {
    expect(ownMessage('ticker.mine.btc', { schema: 'ticker' }, data({ last: 5 }), options)).toEqual({
      problem: 'the name of a channel of prices is <kind>.<venue>.<BASE-QUOTE>, as ticker.mine.BTC-USD',
    });
  });

  it('[G183] a price on a channel of another name says whose it is', () => {
    const price = { last: 5, venue: 'mine', symbol: 'BTC-USD' };
    expect(ownMessage('prices.a', { schema: 'ticker' }, data(price), options)).toMatchObject({
      message: { last: '5', venue: 'mine' },
      price: { venue: 'mine', symbol: 'BTC-USD', own: { ticker: 'prices.a' } },
    });
    expect(ownMessage('prices.a', { schema: 'ticker' }, data({ last: 5 }), options)).toHaveProperty('problem');
  });

  it.each([null, 0, '', 'text', [1, { a: null }], { seq: 1, type: 'x' }])(
    '[G188] free JSON is what it is: %j',
    (any) => {
      expect(ownMessage('news.a', { schema: 'json' }, data(any), options)).toEqual({
        message: { type: 'data.json', data: any, pts: nowMs },
        price: undefined,
      });
    },
  );
});
