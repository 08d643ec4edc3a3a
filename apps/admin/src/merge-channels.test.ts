import { describe, expect, it } from '@jest/globals';
import { mergeChannels } from './merge-channels.js';

describe('channels over all gateways', () => {
  it('[G86] have the subscribers of all, the rate of the fastest, and say where they are late', () => {
    const channel = (name: string, users: number, rate: number | null, isStale = false) => ({
      channel: name,
      users,
      rate,
      isStale,
    });
    expect(
      mergeChannels([
        { name: 'one', channels: [channel('a', 1, null), channel('b', 2, 3.5), channel('c', 1, null)] },
        { name: 'two', channels: [channel('b', 4, 4), channel('a', 5, 0, true)] },
      ]),
    ).toEqual([
      { channel: 'a', users: 6, rate: 0, staleAt: ['two'], gateways: 2 },
      { channel: 'b', users: 6, rate: 4, staleAt: [], gateways: 2 },
      { channel: 'c', users: 1, rate: null, staleAt: [], gateways: 1 },
    ]);
    expect(mergeChannels([])).toEqual([]);
  });
});
