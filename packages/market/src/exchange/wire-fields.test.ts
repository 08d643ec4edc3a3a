import { describe, expect, test } from '@jest/globals';
import { isPrice } from '../decimal/decimal.js';
import { amountField, optionalPrice, positiveField } from './wire-fields.js';

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

  test('[M104] a price that may be missing is absent when it is zero, null or not there', () => {
    for (const value of ['0', '0.00000000', null, undefined]) expect(optionalPrice({ p: value }, 'p')).toBeUndefined();
    expect(optionalPrice({ p: '0.50' }, 'p')).toBe('0.50');
    for (const value of ['-1', 'none', 5, {}])
      expect(() => optionalPrice({ p: value }, 'p')).toThrow(/expected (amount|decimal) p/);
  });

  test('a volume may be zero, and may not be negative', () => {
    expect(amountField({ v: '0.00' }, 'v')).toBe('0.00');
    expect(() => amountField({ v: '-1' }, 'v')).toThrow('expected amount v');
  });
});
