import { describe, expect, it } from '@jest/globals';
import { createHeldUpCheck } from './feed-intake.js';

describe('a tick of the producer', () => {
  it('[P48] skips its work once after the process was held up', () => {
    const isHeldUp = createHeldUpCheck(0);
    expect([50, 100, 1_500, 1_550, 1_600].map(isHeldUp)).toEqual([false, false, true, false, false]);
  });

  it('[P48] works at least every other time if every tick is late', () => {
    const isHeldUp = createHeldUpCheck(0);
    expect([300, 600, 900, 1_200, 1_500].map(isHeldUp)).toEqual([true, false, true, false, true]);
  });
});
