import { describe, expect, it } from '@jest/globals';
import { testSeed } from '../../../../../tests/support/depth.js';
import { MessageWindow } from './message-window.js';

describe('the limit of messages', () => {
  it('[G37] takes five in any second, and no burst beyond it', () => {
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
      at += random() * 400;
      const isOverLimit = taken.filter((time) => at - time < 1_000).length >= 5;
      expect({ seed, i, isTaken: window.admit(at) }).toEqual({ seed, i, isTaken: !isOverLimit });
      if (!isOverLimit) taken.push(at);
    }
    expect(taken.length).toBeGreaterThan(500);
  });
});
