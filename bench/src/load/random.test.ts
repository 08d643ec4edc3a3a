import { describe, expect, test } from '@jest/globals';
import { ownWatchlists } from './random.js';

describe('ownWatchlists', () => {
  test('[BN42] are as long as asked for, within the channels, hardly two alike, and the same for a seed', () => {
    const lists = ownWatchlists(1_000, 5, 20, 7);
    expect(lists).toEqual(ownWatchlists(1_000, 5, 20, 7));
    for (const list of lists) {
      expect(new Set(list).size).toBe(5);
      expect(Math.max(...list)).toBeLessThan(20);
    }
    expect(new Set(lists.map((list) => list.join())).size).toBeGreaterThan(900);
    const followers = Array.from({ length: 20 }, (_, channel) => lists.filter((list) => list.includes(channel)).length);
    expect(Math.min(...followers)).toBeGreaterThan(200);
    expect(Math.max(...followers)).toBeLessThan(300);
  });

  test('[BN42] are all channels where there are no more', () => {
    expect(ownWatchlists(2, 5, 3, 1)).toEqual([
      [0, 1, 2],
      [0, 1, 2],
    ]);
  });
});
