import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { createTurnBudget } from './turn-budget.js';

/** Counts turns of the event loop until it is stopped. */
const countTurns = () => {
  const turns = { count: 0, stop: () => clearImmediate(timer) };
  const count = (): void => {
    turns.count += 1;
    timer = setImmediate(count);
  };
  let timer = setImmediate(count);
  return turns;
};

test('[GL50] a thousand callers together do no more in one turn than one of them may', async () => {
  const budget = createTurnBudget({ perTurn: 1_000 });
  const turns = countTurns();
  const perTurn = new Map<number, number>();
  const work = (bytes: number): number => {
    perTurn.set(turns.count, (perTurn.get(turns.count) ?? 0) + bytes);
    return bytes;
  };
  const items = Array.from({ length: 20 }, () => 99);
  let others = 0;
  const ticking = (async () => {
    for (; others < 1_000; others += 1) await nextTurn();
  })();
  await Promise.all(Array.from({ length: 1_000 }, () => budget.each(items, work)));
  await ticking;
  turns.stop();
  expect([...perTurn.values()].reduce((sum, bytes) => sum + bytes)).toBe(1_000 * 20 * 99);
  // The item that crosses the line is finished.
  expect(Math.max(...perTurn.values())).toBeLessThan(1_000 + 99);
});

test('[GL50] each gets its items in order, and its turn in the order of arrival', async () => {
  const budget = createTurnBudget({ perTurn: 10 });
  const done: string[] = [];
  const run = (name: string) =>
    budget.each([1, 2, 3], (item) => {
      done.push(`${name}${item}`);
      return 10;
    });
  await Promise.all([run('a'), run('b')]);
  expect(done).toEqual(['a1', 'a2', 'b1', 'a3', 'b2', 'b3']);
});

test('[GL50] work that fails rejects, and holds up nobody else', async () => {
  const budget = createTurnBudget({ perTurn: 10 });
  const failing = budget.each([1, 2], () => {
    throw new Error('cannot be encoded');
  });
  const seen: number[] = [];
  const others = budget.each([1, 2, 3], (item) => seen.push(item) * 10);
  await expect(failing).rejects.toThrow('cannot be encoded');
  await others;
  expect(seen).toEqual([1, 2, 3]);
});
