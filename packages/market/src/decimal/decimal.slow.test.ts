import { describe, expect, test } from '@jest/globals';
import {
  addDecimal,
  addProduct,
  addSum,
  compareDecimals,
  emptySum,
  formatQuotient,
  formatSum,
  subtractSum,
} from '@tickwire/protocol';
import { Big } from 'big.js';
import { testSeed } from '../../../../tests/support/depth.js';
import { createRandom } from '../simulated/random.js';
import { expandExponent, formatScaled, isDecimal } from './decimal.js';

const seed = String(testSeed);

/** A number of up to `length` digits, with a fraction in half of the cases. */
const randomDecimal = (random: ReturnType<typeof createRandom>, length: number): string => {
  const digits = (): string =>
    Array.from({ length: 1 + Math.floor(random.uniform() * length) }, () => Math.floor(random.uniform() * 10)).join('');
  const whole = digits().replace(/^0+(?=\d)/, '');
  return random.uniform() < 0.5 ? whole : `${whole}.${digits()}`;
};

describe('decimals', () => {
  test.each([
    ['3.844E-5', '0.00003844'],
    ['9.7121E-4', '0.00097121'],
    ['1e3', '1000'],
    ['1.5E+3', '1500'],
    ['1.2345e2', '123.45'],
    ['-2.50e-1', '-0.250'],
    ['12345e-2', '123.45'],
    ['0e0', '0'],
    ['0.05E2', '5'],
    ['1.10E0', '1.10'],
  ])('[M1] %s is %s', (text, expanded) => {
    expect(expandExponent(text)).toBe(expanded);
  });

  test(`[M1] an expanded number is equal to what it was, as big.js reads it (seed ${seed})`, () => {
    const random = createRandom(seed);
    for (let i = 0; i < 2000; i++) {
      const text = `${randomDecimal(random, 9)}${random.uniform() < 0.5 ? 'e' : 'E'}${Math.floor(random.uniform() * 41) - 20}`;
      const expanded = expandExponent(text);
      expect([text, isDecimal(expanded), Big(expanded).cmp(text)]).toEqual([text, true, 0]);
    }
  });

  test.each([
    '',
    'abc',
    '1e',
    'e5',
    '1e999',
    '1e-70',
    'NaN',
    'Infinity',
    '0x10',
    '1,5',
    '.5',
    '5.',
    '--1',
    '1e5.0',
    ' 1',
  ])('[M1] %p is refused', (text) => {
    expect(() => expandExponent(text)).toThrow(expect.objectContaining({ code: 'bad-decimal' }));
  });

  test('[M2] a decimal without an exponent passes untouched', () => {
    for (const text of ['61837.63000000', '0.00', '5', '-1.50', '0.00000001']) expect(expandExponent(text)).toBe(text);
  });

  test('[M2] only canonical forms are decimals', () => {
    for (const text of ['007', '+1', '1.', '.1', '1e5', '', '1 ', '٣', '1_000', '9'.repeat(65)])
      expect([text, isDecimal(text)]).toEqual([text, false]);
  });

  test(`[M3] decimals compare as big.js compares them (seed ${seed})`, () => {
    const random = createRandom(seed);
    for (let i = 0; i < 5000; i++) {
      const sign = (): string => (random.uniform() < 0.2 ? '-' : '');
      const a = sign() + randomDecimal(random, 3);
      const b = random.uniform() < 0.2 ? `${a}${a.includes('.') ? '' : '.'}0` : sign() + randomDecimal(random, 3);
      expect([a, b, Math.sign(compareDecimals(a, b))]).toEqual([a, b, Big(a).cmp(b)]);
    }
  });

  test(`[M4] sums and sums of products equal those of big.js (seed ${seed})`, () => {
    const random = createRandom(seed);
    for (let round = 0; round < 50; round++) {
      const sum = emptySum();
      const products = emptySum();
      let expected = Big(0);
      let expectedProducts = Big(0);
      for (let i = 0; i < 100; i++) {
        const a = randomDecimal(random, 12);
        const b = randomDecimal(random, 12);
        addDecimal(sum, a);
        addProduct(products, a, b);
        expected = expected.plus(a);
        expectedProducts = expectedProducts.plus(Big(a).times(b));
      }
      expect([formatSum(sum), formatSum(products)]).toEqual([expected.toFixed(), expectedProducts.toFixed()]);
      const difference = emptySum();
      subtractSum(difference, products);
      addSum(difference, sum);
      expect(formatSum(difference)).toBe(expected.minus(expectedProducts).toFixed());
      subtractSum(sum, sum);
      expect(formatSum(sum)).toBe('0');
    }
  });

  test(`[M4] a quotient is no further from the exact one than half its last digit (seed ${seed})`, () => {
    const random = createRandom(seed);
    for (let round = 0; round < 500; round++) {
      const a = `${random.uniform() < 0.5 ? '-' : ''}${randomDecimal(random, 12)}`;
      const b = randomDecimal(random, 12);
      if (!/[1-9]/.test(b)) continue;
      const [sum, divisor] = [emptySum(), emptySum()];
      addDecimal(sum, a);
      addDecimal(divisor, b);
      const decimals = Math.floor(random.uniform() * 12);
      const quotient = formatQuotient(sum, divisor, decimals);
      expect(quotient.split('.')[1]?.length ?? 0).toBe(decimals);
      const error = Big(quotient)
        .times(b)
        .minus(a)
        .times(2)
        .times(`1${'0'.repeat(decimals)}`);
      expect([a, b, quotient, error.cmp(b) <= 0, error.times(-1).cmp(b) <= 0]).toEqual([a, b, quotient, true, true]);
    }
  });

  test('[M4] what was added and taken away again leaves nothing, where floating point would', () => {
    const sum = emptySum();
    for (const text of ['0.1', '0.2', '-0.3']) addDecimal(sum, text);
    expect(formatSum(sum)).toBe('0');
  });

  test.each([
    [6183763, 2, '61837.63'],
    [1, 8, '0.00000001'],
    [100, 2, '1.00'],
    [7, 0, '7'],
    [0, 3, '0.000'],
    [9007199254740991, 5, '90071992547.40991'],
    [12, 12, '0.000000000012'],
  ])('[M5] %p units of 10^-%p print as %s', (units, decimals, text) => {
    expect(formatScaled(units, decimals)).toBe(text);
  });
});
