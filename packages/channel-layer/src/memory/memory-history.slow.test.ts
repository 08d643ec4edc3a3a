import { describe, expect, jest, test } from '@jest/globals';
import type { Message } from '../layer.js';
import { historyContract, leaseContract } from '../testing/history-contract.js';
import { batchOf, type OpenHistory, publications } from '../testing/history-harness.js';
import { createMemoryHistory, createMemoryLease } from './memory-history.js';

const openMemoryHistory: OpenHistory = async (options = {}) => {
  let nowMs = 1_700_000_000_000;
  const listeners = new Map<string, ((message: Message) => void)[]>();
  const history = createMemoryHistory({
    ...options,
    now: () => nowMs,
    publish: (group, message) => {
      for (const listener of listeners.get(group) ?? []) listener(message);
    },
  });
  return {
    history,
    async listen(group, listener) {
      listeners.set(group, [...(listeners.get(group) ?? []), listener]);
    },
    async settled() {},
    async expireMessages() {
      nowMs += options.historyTtlMs ?? 3_600_000;
    },
    async elapse(ms) {
      nowMs += ms;
    },
    async [Symbol.asyncDispose]() {},
  };
};

historyContract('the memory history', openMemoryHistory);
leaseContract('the memory lease', async (owner) => createMemoryLease({ owner }));

describe('the memory history', () => {
  test('[H23] publishes before append returns its promise', () => {
    const heard: Message[] = [];
    const history = createMemoryHistory({ publish: (_group, message) => void heard.push(message) });
    const pending = history.append([batchOf('quotes', 'e1', 1, 2)], 1);
    expect(heard).toEqual(publications('e1', 1, 2));
    return pending;
  });

  test('[H23] a publish that throws rejects the append after all messages were published', async () => {
    const heard: unknown[] = [];
    const history = createMemoryHistory({
      publish: (_group, { seq }) => {
        heard.push(seq);
        if (seq === 2) throw new Error('no way out');
      },
    });
    await expect(history.append([batchOf('quotes', 'e1', 1, 3)], 1)).rejects.toThrow('no way out');
    expect(heard).toEqual([1, 2, 3]);
    const [range] = await history.newest(['quotes'], 5);
    expect(range?.messages).toEqual(publications('e1', 1, 3));
  });

  test('[H54] a step of the wall clock makes it forget nothing', async () => {
    const history = createMemoryHistory({ publish: () => {} });
    await history.append([batchOf('quotes', 'e1', 1, 2)], 1);
    const wall = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + 7_200_000);
    try {
      expect((await history.newest(['quotes'], 5))[0]?.messages).toEqual(publications('e1', 1, 2));
    } finally {
      wall.mockRestore();
    }
  });

  test('[H42] the memory lease always has token 1', async () => {
    const lease = createMemoryLease({ owner: 'alpha' });
    await lease.acquire();
    await lease.release();
    expect(await lease.acquire()).toBe(1);
  });
});
