import { describe, expect, test } from '@jest/globals';
import { isPrice } from '../decimal/decimal.js';
import { venueOf } from './venues.js';
import { amountField, askSide, bidSide, isoTimeField, positiveField, priceOrNone, timeField } from './wire-fields.js';

const zeros = ['0', '0.0', '0.00000000', '-0', '-5', '-0.00000001'];
const notNumbers = ['', ' 1', '+1', '.5', '1.', '01', '1e-8', 'NaN', 'Infinity', '1,5', '0x1'];

describe('prices on the wire', () => {
  test('[M104] a price is a decimal above zero', () => {
    for (const text of ['1', '0.00000001', '0.0000000000012', '1602428000', '10.00'])
      expect([text, isPrice(text)]).toEqual([text, true]);
    for (const text of [...zeros, ...notNumbers]) expect([text, isPrice(text)]).toEqual([text, false]);
  });

  test('[M104] a price or size of a trade that is zero is rejected; one with an exponent is written out', () => {
    for (const text of [...zeros, '0e5', '0E-8'])
      expect(() => positiveField({ p: text }, 'p')).toThrow('expected positive p');
    expect(positiveField({ p: '1.2E-8' }, 'p')).toBe('0.000000012');
  });

  test('[M104] zero is not a price, and a side of a book without price or size is empty', () => {
    for (const value of ['0', '0.00000000', '0e5']) expect(priceOrNone({ p: value }, 'p')).toBeUndefined();
    expect(priceOrNone({ p: '0.50' }, 'p')).toBe('0.50');
    for (const value of ['-1', 'none', 5, {}, null, undefined])
      expect(() => priceOrNone({ p: value }, 'p')).toThrow(/expected (amount|decimal) p/);
    expect(bidSide({ b: '1', B: '2' }, 'b', 'B')).toEqual({ bid: '1', bidSize: '2' });
    expect(askSide({ b: '1', B: '2' }, 'b', 'B')).toEqual({ ask: '1', askSize: '2' });
    for (const side of [
      { b: '0.00', B: '2' },
      { b: '1', B: '0' },
    ])
      expect([bidSide(side, 'b', 'B'), askSide(side, 'b', 'B')]).toEqual([{}, {}]);
  });

  test('a volume may be zero, and may not be negative', () => {
    expect(amountField({ v: '0.00' }, 'v')).toBe('0.00');
    expect(() => amountField({ v: '-1' }, 'v')).toThrow('expected amount v');
  });
});

describe('times on the wire', () => {
  test('[M247] a time before 2009 or in another unit is rejected', () => {
    for (const time of [0, -1, 1_735_689_600, 1_735_689_600_000_000, 1.5, Number.NaN, null, undefined, '', 'now'])
      expect(() => timeField({ T: time }, 'T')).toThrow('expected time in ms T');
    expect(timeField({ T: 1_735_689_600_000 }, 'T')).toBe(1_735_689_600_000);
    for (const time of ['0001-01-01T00:00:00Z', '1970-01-01T00:00:00.000Z', '2008-12-31T23:59:59Z'])
      expect(() => isoTimeField({ time }, 'time')).toThrow('expected time time');
    expect(isoTimeField({ time: '2025-01-01T00:00:00Z' }, 'time')).toBe(1_735_689_600_000);
  });

  test('[M247] no venue gives a trade of 1970', () => {
    const rts = 1_735_689_600_000;
    const trades = [
      ['binance', 'BTCUSDT', { e: 'trade', E: rts, s: 'BTCUSDT', t: 1, p: '1', q: '1', T: 1_735_689_600, m: true }],
      [
        'coinbase',
        'BTC-USD',
        {
          ...{ type: 'match', product_id: 'BTC-USD', trade_id: 1, price: '1', size: '1', side: 'buy' },
          time: '0001-01-01T00:00:00Z',
        },
      ],
      [
        'kraken',
        'BTC/USD',
        {
          channel: 'trade',
          type: 'update',
          data: [
            { symbol: 'BTC/USD', side: 'buy', price: '1', qty: '1', trade_id: '1', timestamp: '1970-01-01T00:00:00Z' },
          ],
        },
      ],
    ] as const;
    for (const [venue, name, frame] of trades) {
      const map = venueOf(venue).createMapper([{ symbol: 'BTC-USD', name }]);
      expect(() => map(frame, rts)).toThrow(/expected time/);
    }
  });
});
