import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { createTurnPace } from './turn-pace.js';

const openPace = () => {
  let at = 0;
  const done: string[] = [];
  const pace = createTurnPace({ perTurnMs: 8, now: () => at });
  const work = async (name: string, ms: number): Promise<void> => {
    const turn = pace.enter();
    if (turn !== undefined) await turn;
    at += ms;
    done.push(name);
  };
  return { work, taken: () => done.splice(0) };
};

describe('work that becomes possible at the same moment', () => {
  test('[B120] is done at once while the turn has room, then in later turns, in order', async () => {
    const { work, taken } = openPace();
    for (const name of ['a', 'b', 'c', 'd', 'e']) void work(name, 5);
    expect(taken()).toEqual(['a', 'b']);
    await nextTurn();
    expect(taken()).toEqual(['c', 'd']);
    void work('f', 1);
    expect(taken()).toEqual([]);
    await nextTurn();
    expect(taken()).toEqual(['e', 'f']);
    await nextTurn();
    void work('g', 1);
    expect(taken()).toEqual(['g']);
  });
});
