import { describe, expect, test } from '@jest/globals';
import { hashSlot } from './cluster-slots.js';

describe('hashSlot', () => {
  test('[L30] is the slot that CLUSTER KEYSLOT returns', () => {
    const slots: Readonly<Record<string, number>> = {
      '': 0,
      '123456789': 12_739,
      quotes: 3_378,
      foo: 12_182,
      '{user1000}.following': 3_443,
    };
    expect(Object.fromEntries(Object.keys(slots).map((name) => [name, hashSlot(name)]))).toEqual(slots);
  });
});
