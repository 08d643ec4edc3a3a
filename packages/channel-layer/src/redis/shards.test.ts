import { describe, expect, test } from '@jest/globals';
import { shardIndex } from './shards.js';

describe('the ring of channels_redis', () => {
  // name, then the index for 1, 2, 3, 5 and 10 hosts, as Python computes it.
  const vectors: readonly (readonly [name: string, ...indexes: (number | undefined)[]])[] = [
    ['key_one', 0, 1, undefined, undefined, 6],
    ['key_two', 0, 0, undefined, undefined, 4],
    ['asgi__group__quotes', 0, 0, 1, 2, 4],
    ['quotes', 0, 1, 1, 2, 5],
    ['test-group', 0, 1, 2, 4, 8],
    ['asgi__group__BTC-USD', 0, 1, 1, 2, 5],
    ['é', 0, 1, 2, 4, 8],
  ];
  const counts = [1, 2, 3, 5, 10];

  for (const [name, ...indexes] of vectors) {
    test(`[L6] [L12 #50] ${name}`, () => {
      const expected = indexes.map((index, place) => index ?? shardIndex(name, counts[place] as number));
      expect(counts.map((count) => shardIndex(name, count))).toEqual(expected);
    });
  }

  test('[L6] an index is always one of the hosts', () => {
    for (let count = 1; count <= 17; count += 1) {
      const seen = new Set<number>();
      for (let name = 0; name < 2_000; name += 1) seen.add(shardIndex(`name-${name}`, count));
      expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, index) => index));
    }
  });
});
