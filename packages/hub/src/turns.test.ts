import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { createTurns } from './turns.js';

/** Work of a made-up length, on a clock of its own. */
const openTurns = (perTurnMs = 8) => {
  let at = 0;
  const done: string[] = [];
  const turns = createTurns({ perTurnMs, now: () => at });
  const spend = (name: string, ms: number): void => {
    at += ms;
    done.push(name);
  };
  const work = async (name: string, ms: number, isLong = false): Promise<void> => {
    const turn = turns.enter(isLong);
    if (turn !== undefined) await turn;
    spend(name, ms);
  };
  return { turns, work, spend, taken: () => done.splice(0) };
};

describe('work that becomes possible at the same moment', () => {
  test('[B120] is done at once while the turn has room, then in later turns, in order', async () => {
    const { work, taken } = openTurns();
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

  test('[B120] what it leaves to promises counts as well', async () => {
    const { work, turns, spend, taken } = openTurns();
    void work('busy', 9);
    for (const name of ['a', 'b']) {
      void turns.enter()?.then(async () => {
        for (let hops = 0; hops < 20; hops += 1) await undefined;
        spend(name, 9);
      });
    }
    const seen = [taken()];
    for (let turn = 0; turn < 2; turn += 1) {
      await nextTurn();
      seen.push(taken());
    }
    expect(seen).toEqual([['busy'], ['a'], ['b']]);
  });

  test('[B120] long work follows the short work of a turn, one piece at least', async () => {
    const { work, taken } = openTurns();
    void work('busy', 9);
    for (const name of ['L1', 'L2']) void work(name, 12, true);
    for (const name of ['s1', 's2']) void work(name, 1);
    const seen = [taken()];
    for (let turn = 0; turn < 2; turn += 1) {
      await nextTurn();
      seen.push(taken());
    }
    expect(seen).toEqual([['busy'], ['s1', 's2', 'L1'], ['L2']]);
  });
});

describe('work on many items', () => {
  test('[B120] a thousand callers together do no more in one turn than one of them may', async () => {
    const { turns, spend } = openTurns(1_000);
    let turn = 0;
    let timer = setImmediate(function count(): void {
      turn += 1;
      timer = setImmediate(count);
    });
    const perTurn = new Map<number, number>();
    const items = Array.from({ length: 20 }, () => 99);
    const work = (ms: number): void => {
      perTurn.set(turn, (perTurn.get(turn) ?? 0) + ms);
      spend('item', ms);
    };
    await Promise.all(Array.from({ length: 1_000 }, () => turns.each(items, work)));
    clearImmediate(timer);
    expect([...perTurn.values()].reduce((sum, ms) => sum + ms)).toBe(1_000 * 20 * 99);
    // The item that crosses the line is finished.
    expect(Math.max(...perTurn.values())).toBeLessThan(1_000 + 99);
  });

  test('[B120] each gets its items in order, and its turn in the order of arrival', async () => {
    const { turns, spend, taken } = openTurns();
    const run = (name: string) => turns.each([1, 2, 3], (item) => spend(`${name}${item}`, 9));
    await Promise.all([run('a'), run('b')]);
    expect(taken()).toEqual(['a1', 'a2', 'b1', 'a3', 'b2', 'b3']);
  });

  test('[B120] work that fails rejects, and holds up nobody else', async () => {
    const { turns, spend, taken } = openTurns();
    const failing = turns.each([1, 2], () => {
      throw new Error('cannot be encoded');
    });
    const others = turns.each([1, 2, 3], (item) => spend(`${item}`, 9));
    await expect(failing).rejects.toThrow('cannot be encoded');
    await others;
    expect(taken()).toEqual(['1', '2', '3']);
  });
});
