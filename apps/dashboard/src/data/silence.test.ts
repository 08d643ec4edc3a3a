import { describe, expect, it } from '@jest/globals';
import { createSilence, type Silence, silenceTickMs } from './silence.js';

/** Ticks until silence is noticed; the rate is asked for at each. */
const msUntilSilent = (silence: Silence, rateAt: (sinceMs: number) => number): number | undefined => {
  for (let sinceMs = 0; sinceMs <= 60_000; sinceMs += silenceTickMs) {
    if (silence.isSilent) return sinceMs;
    silence.tick(rateAt(sinceMs));
  }
  return undefined;
};

describe('silence', () => {
  it('[D12] prices that stop coming are noticed within a second', () => {
    expect(
      msUntilSilent(
        createSilence(() => {}),
        () => 60,
      ),
    ).toBe(700);
  });

  it.each([0.1, 1, 4])(
    '[D12] also where the rate is forgotten %d times as fast as ticks come, as in a hidden tab',
    (s) => {
      const falling = (sinceMs: number): number => Math.max(0, 20 - (20 * sinceMs) / (s * 1_000));
      expect(
        msUntilSilent(
          createSilence(() => {}),
          falling,
        ),
      ).toBe(700);
    },
  );

  it.each([
    [10, 1_200],
    [2, 6_000],
    [0.2, 60_000],
  ])('[D12] at %d publications a second, after %d ms', (perSecond, expectedMs) => {
    expect(
      msUntilSilent(
        createSilence(() => {}),
        () => perSecond,
      ),
    ).toBe(expectedMs);
  });

  it('[D12] nothing is silent that never spoke', () => {
    expect(
      msUntilSilent(
        createSilence(() => {}),
        () => 0,
      ),
    ).toBeUndefined();
  });

  it('[D12] ends with what is heard next, and both changes are reported', () => {
    const changes: boolean[] = [];
    const silence: Silence = createSilence(() => changes.push(silence.isSilent));
    msUntilSilent(silence, () => 60);
    silence.heard();
    expect(silence.isSilent).toBe(false);
    expect(msUntilSilent(silence, () => 60)).toBe(700);
    expect(changes).toEqual([true, false, true]);
  });
});
