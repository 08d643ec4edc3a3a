import { describe, expect, test } from '@jest/globals';
import type { HistoryRange } from '@tickwire/channel-layer';
import { range } from '../testing/index.js';
import { createNewestLoader } from './newest-loader.js';

const rangeOf = (group: string): HistoryRange => ({ group, position: null, messages: [] });

describe('newest loader', () => {
  test('[B39] names requested in one turn share calls of at most 256', async () => {
    const calls: number[] = [];
    const load = createNewestLoader(async (names) => {
      calls.push(names.length);
      return names.map(rangeOf);
    });
    const answers = await Promise.all(range(1, 600).map((i) => load(`c${i}`)));
    expect(calls).toEqual([256, 256, 88]);
    expect(answers.map(({ group }) => group)).toEqual(range(1, 600).map((i) => `c${i}`));
  });

  test('[B39] a call that fails rejects the requests in it, and the next turn calls again', async () => {
    let isDown = true;
    const load = createNewestLoader(async (names) => {
      if (isDown) throw new Error('down');
      return names.map(rangeOf);
    });
    await expect(Promise.allSettled([load('a'), load('b')])).resolves.toMatchObject([
      { status: 'rejected' },
      { status: 'rejected' },
    ]);
    isDown = false;
    await expect(load('a')).resolves.toEqual(rangeOf('a'));
  });

  test('[B39] an answer with too few groups rejects the remaining requests', async () => {
    const load = createNewestLoader(async (names) => names.slice(1).map(rangeOf));
    const [first, second] = await Promise.allSettled([load('a'), load('b')]);
    expect([first?.status, second?.status]).toEqual(['fulfilled', 'rejected']);
  });
});
