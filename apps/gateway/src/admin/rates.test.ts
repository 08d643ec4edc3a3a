import { describe, expect, it } from '@jest/globals';
import { createRates } from './rates.js';

describe('rates', () => {
  it('[G85] are measured since the last look, over at least a second; none at first sight or after a restart', () => {
    let now = 0;
    const rates = createRates(() => now);
    expect(rates.perSecond('a', 10)).toBeUndefined();
    now = 999;
    expect(rates.perSecond('a', 20)).toBeUndefined();
    now = 2_000;
    expect(rates.perSecond('a', 30)).toBe(10);
    now = 2_001;
    expect(rates.perSecond('a', 1_000)).toBe(10);
    now = 3_000;
    expect(rates.perSecond('a', 1_030)).toBe(1_000);
    expect(rates.perSecond('a', 3)).toBeUndefined();
    rates.keep((name) => name !== 'a');
    now = 5_000;
    expect(rates.perSecond('a', 4)).toBeUndefined();
  });
});
