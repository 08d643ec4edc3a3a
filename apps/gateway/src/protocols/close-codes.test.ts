import { describe, expect, it } from '@jest/globals';
import { type CloseCodes, closeCodeOf, closeCodes } from '@tickwire/protocol';
import { binanceCloseCodes } from './binance/close-codes.js';
import { centrifugeCloseCodes } from './centrifuge/close-reasons.js';

const codesOf = (codes: CloseCodes): number[] => [...new Set(Object.values(codes).map(({ code }) => code))].sort();

describe('close codes of the protocols', () => {
  it('[G113] Centrifuge has Centrifugo numbers alone, Binance those that Binance sends', () => {
    expect(codesOf(centrifugeCloseCodes).every((code) => code >= 3000 && code < 4000)).toBe(true);
    expect(codesOf(binanceCloseCodes)).toEqual([1001, 1008, 1011, 1013]);
    expect(codesOf(closeCodes).every((code) => code === 1013 || (code >= 3000 && code < 5000))).toBe(true);
  });

  it('[G113] a detail takes the place of the text, never of the number', () => {
    expect(closeCodeOf(closeCodes, 'slow')).toEqual({ code: 3008, reason: 'slow' });
    expect(closeCodeOf(binanceCloseCodes, 'slow', 'no byte taken for 30 s')).toEqual({
      code: 1008,
      reason: 'no byte taken for 30 s',
    });
  });
});
