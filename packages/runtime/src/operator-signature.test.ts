import { describe, expect, it } from '@jest/globals';
import { createOperatorSignature } from './operator-signature.js';

describe('signatures of operators', () => {
  const { sign, isValid } = createOperatorSignature('an operator of some kind');
  const mac = sign(['order', 'one', 'drain', ''], 100_000);

  it('[G84] hold for what was signed, and for half a minute', () => {
    expect(isValid(mac, ['order', 'one', 'drain', ''], 100_000, 100_000)).toBe(true);
    expect(isValid(mac, ['order', 'one', 'drain', ''], 100_000, 130_000)).toBe(true);
    expect(isValid(mac, ['order', 'one', 'drain', ''], 100_000, 130_001)).toBe(false);
    expect(isValid(mac, ['order', 'one', 'drain', ''], 100_000, 69_999)).toBe(false);
  });

  it.each([
    [mac, ['order', 'two', 'drain', ''], 100_000],
    [mac, ['order', 'one', 'disconnect', ''], 100_000],
    [mac, ['order', 'one', 'drain', ''], 100_001],
    [mac, ['order', 'one', 'drain', ''], Number.NaN],
    ['', ['order', 'one', 'drain', ''], 100_000],
    [undefined, ['order', 'one', 'drain', ''], 100_000],
    [
      createOperatorSignature('another operator').sign(['order', 'one', 'drain', ''], 100_000),
      ['order', 'one', 'drain', ''],
      100_000,
    ],
  ])('[G84] %s does not hold for %j at %d', (given, fields, at) => {
    expect(isValid(given, fields, at, 100_000)).toBe(false);
  });
});
