import { describe, expect, it } from '@jest/globals';
import { testSeed } from '../../../../../tests/support/depth.js';
import { MessageWindow } from './message-window.js';

describe('the limit of messages', () => {
  it('[G37] takes ten in any second, and no burst beyond it', () => {
    const seed = testSeed;
    let state = seed;
    const random = (): number => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return state / 2 ** 31;
    };
    const window = new MessageWindow();
    const taken: number[] = [];
    let at = 0;
    for (let i = 0; i < 2_000; i += 1) {
      at += random() * 200;
      const isOverLimit = taken.filter((time) => at - time < 1_000).length >= 10;
      expect({ seed, i, isTaken: window.admit(at) }).toEqual({ seed, i, isTaken: !isOverLimit });
      if (!isOverLimit) taken.push(at);
    }
    expect(taken.length).toBeGreaterThan(500);
  });

  it('[G37] three messages a second pass, also where a pause of the gateway brings them together', () => {
    const window = new MessageWindow();
    for (const arrivedMs of [0, 0, 0, 2_990, 2_990, 2_990, 2_990, 2_990, 2_990, 3_000, 3_100, 3_200, 4_000]) {
      expect({ arrivedMs, isTaken: window.admit(arrivedMs) }).toEqual({ arrivedMs, isTaken: true });
    }
  });
});
