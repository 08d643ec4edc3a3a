import { describe, expect, it } from '@jest/globals';
import { createTurnstile } from './turnstile.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the turnstile', () => {
  it('[GL17] lets the first through at once and the others a few a turn, in order', async () => {
    const { enter } = createTurnstile({ perTurn: 2 });
    const passed: number[] = [];
    for (let index = 0; index < 5; index += 1) enter(() => passed.push(index));
    expect(passed).toEqual([0, 1]);
    await turn();
    expect(passed).toEqual([0, 1, 2, 3]);
    enter(() => passed.push(5));
    await turn();
    expect(passed).toEqual([0, 1, 2, 3, 4, 5]);
    enter(() => passed.push(6));
    enter(() => passed.push(7));
    await turn();
    expect(passed).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('[GL17] rejects a newcomer when too many wait, and only then', async () => {
    const { enter } = createTurnstile({ perTurn: 1, maxWaiting: 2 });
    const passed: number[] = [];
    const entered = [0, 1, 2, 3].map((index) => enter(() => passed.push(index)));
    expect(entered).toEqual([true, true, true, false]);
    await turn();
    expect(enter(() => passed.push(4))).toBe(true);
    for (let turns = 0; turns < 3; turns += 1) await turn();
    expect(passed).toEqual([0, 1, 2, 4]);
  });
});
