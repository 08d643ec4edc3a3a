import { describe, expect, it } from '@jest/globals';
import { createClockText } from './clock-text.js';
import { createNumberText, usableLocales, usedDecimalsOf } from './number-text.js';

const english = createNumberText(['en-US']);
const german = createNumberText(['de-DE']);

describe('numbers for people', () => {
  it('[D4] are written where the browser names a language that is none', () => {
    expect(usableLocales(['C', 'en-GB', '', 'de_DE'])).toEqual(['en-GB']);
    expect(usableLocales(['C'])).toEqual(['en']);
  });

  it('[D4] prices keep every digit, however many', () => {
    expect(english.price('61832.50')).toBe('61,832.50');
    expect(german.price('61832.50')).toBe('61.832,50');
    expect(english.price('0.00001392')).toBe('0.00001392');
    expect(english.price('12345678901234567.123456789')).toBe('12,345,678,901,234,567.123456789');
    expect(english.price('61832.5', 2)).toBe('61,832.50');
  });

  it('[D4] zeros that pad every price of a symbol are no digits', () => {
    expect(['61832.12000000', '61832.00000000', '61832', '1200', '0.00001392'].map(usedDecimalsOf)).toEqual([
      2, 0, 0, 0, 8,
    ]);
    expect(english.price('61832.12000000', 2)).toBe('61,832.12');
    expect(english.price('61832.10000000', 2)).toBe('61,832.10');
    expect(english.price('61832.12345000', 2)).toBe('61,832.12345');
  });

  it('[D4] changes and shares are percentages with their sign', () => {
    expect(english.change(1.234)).toBe('+1.23%');
    expect(english.change(-0.5)).toBe('-0.50%');
    expect(english.change(0)).toBe('0.00%');
    expect(english.share(0.8994)).toBe('89.9%');
  });

  it('[D4] ages get coarser as they grow', () => {
    expect([0, 340, 9_940, 12_400, 200_000, 7_200_000].map(english.age)).toEqual([
      '0.0s',
      '0.3s',
      '9.9s',
      '12s',
      '3m',
      '2h',
    ]);
    expect(english.age(-40)).toBe('0.0s');
  });

  it('[D15] a latency below zero is shown below zero', () => {
    expect(english.latency(12.4)).toBe('12 ms');
    expect(english.latency(-3.2)).toBe('-3 ms');
    expect(english.latency(1_430)).toBe('1.4 sec');
  });

  it('[D4] small things are not nothing', () => {
    expect(english.basisPoints(0.0016)).toBe('<0.1 bp');
    expect(english.basisPoints(0)).toBe('0.0 bp');
    expect(english.basisPoints(2.44)).toBe('2.4 bp');
    expect(english.basisPoints(123.4)).toBe('123 bp');
    expect(english.amount(0.00123)).toBe('0.00123');
    expect(english.amount(5_579)).toBe('5.579K');
    expect(english.perSecond(4.04)).toBe('4.0');
    expect(english.perSecond(240.2)).toBe('240');
  });

  it('[D4] times are those of the viewer', () => {
    const at = Date.UTC(2026, 10, 22, 16, 4, 5);
    expect(createClockText(['en-GB'], 'UTC').second(at)).toBe('16:04:05');
    expect(createClockText(['en-GB'], 'Asia/Tokyo').second(at)).toBe('01:04:05');
    expect(createClockText(['en-US'], 'UTC').minute(at)).toMatch(/^04:04.PM$/);
  });
});
