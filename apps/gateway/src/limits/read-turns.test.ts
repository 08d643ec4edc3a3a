import { expect, test } from '@jest/globals';
import { createReadTurns, TooManyReads } from './read-turns.js';

const open = () => {
  let refused = 0;
  const turns = createReadTurns({
    atOnce: 2,
    maxWaiting: 5,
    maxOfAddress: 4,
    onRefused: () => {
      refused += 1;
    },
    now: () => 0,
  });
  return { turns, refused: () => refused };
};

test('[GL37] a few reads run at a time, a turn of the event loop apart; the others wait', async () => {
  const { turns } = open();
  const state = { underWay: 0, most: 0, loopTurns: 0 };
  const read = async (): Promise<number> => {
    state.underWay += 1;
    state.most = Math.max(state.most, state.underWay);
    await Promise.resolve();
    state.underWay -= 1;
    return state.loopTurns;
  };
  let isCounting = true;
  const count = (): void => {
    state.loopTurns += 1;
    if (isCounting) setImmediate(count);
  };
  setImmediate(count);
  const atTurns = await Promise.all(['a', 'a', 'b', 'b', 'c', 'c'].map((address) => turns.run(address, read)));
  isCounting = false;
  expect(state.most).toBe(2);
  expect(new Set(atTurns).size).toBeGreaterThanOrEqual(3);
  expect(turns.waiting).toBe(0);
});

test('[GL37] too many of one address, or in all, are rejected and counted; places are freed, even after a failure', async () => {
  const { turns, refused } = open();
  let finish: () => void = () => {};
  const isOver = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const run = (address: string) => turns.run(address, () => isOver);
  const ofOne = [1, 2, 3, 4].map(() => run('a'));
  await expect(run('a')).rejects.toThrow('more than 4 reads from one address at once: try again');
  const ofOthers = [run('b'), run('c'), run('d')];
  await expect(run('e')).rejects.toBeInstanceOf(TooManyReads);
  expect(refused()).toBe(2);
  finish();
  await Promise.all([...ofOne, ...ofOthers]);
  await expect(turns.run('a', () => Promise.reject(new Error('Redis is gone')))).rejects.toThrow('Redis is gone');
  await expect(Promise.all([1, 2, 3, 4].map(() => run('a')))).resolves.toHaveLength(4);
});

test('[GL51] a read counts for its address until its answer is taken; others are not held up by it', async () => {
  const { turns, refused } = open();
  let take: () => void = () => {};
  const answered = new Promise<void>((resolve) => {
    take = resolve;
  });
  const read = (address: string): Promise<string> => turns.run(address, async () => 'read', { answered });
  expect(await Promise.all([1, 2, 3, 4].map(() => read('a')))).toHaveLength(4);
  await expect(read('a')).rejects.toBeInstanceOf(TooManyReads);
  await expect(read('b')).resolves.toBe('read');
  expect(refused()).toBe(1);
  take();
  await answered;
  await expect(read('a')).resolves.toBe('read');
});

test('[GL100] a request for what waits to be read shares its result, and takes no room; what has begun is read anew', async () => {
  const { turns, refused } = open();
  let finish: () => void = () => {};
  const isOver = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let reads = 0;
  const ask = (address: string, key: string) =>
    turns.run(
      address,
      async () => {
        reads += 1;
        const number = reads;
        await isOver;
        return number;
      },
      { key },
    );
  const under = [ask('a', 'x'), ask('b', 'y')];
  const same = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((address) => ask(address, 'x'));
  expect(turns.waiting).toBe(1);
  const others = ['1', '2', '3', '4'].map((key) => ask(key, key));
  await expect(ask('z', 'one more')).rejects.toBeInstanceOf(TooManyReads);
  const later = ask('i', 'x');
  finish();
  expect(await Promise.all(under)).toEqual([1, 2]);
  expect(await Promise.all([...same, later])).toEqual(new Array(9).fill(3));
  await Promise.all(others);
  expect([await ask('a', 'x'), await ask('z', 'one more')]).toEqual([8, 9]);
  expect([reads, refused()]).toEqual([9, 1]);
  // A failure is for all who waited, and for nobody after them.
  const failing = () => turns.run('a', () => Promise.reject(new Error('Redis is gone')), { key: 'x' });
  const busy = [ask('a', 'p'), ask('a', 'q')];
  const failed = await Promise.allSettled([failing(), failing()]);
  expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  await Promise.all(busy);
  expect(await ask('b', 'x')).toBe(12);
});
