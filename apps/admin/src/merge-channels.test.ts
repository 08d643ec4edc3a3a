import { describe, expect, it } from '@jest/globals';
import { nameGateways } from './format.js';
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

describe('gateways', () => {
  it('[GW11] with workers are rows with the number of each, in the same order whoever answers', () => {
    const rows = [
      { id: 'd', name: 'west' },
      { id: 'c', name: 'east', worker: 10 },
      { id: 'b', name: 'east', worker: 2 },
      { id: 'a', name: 'west' },
    ];
    const named = [
      { id: 'b', name: 'east, worker 2', worker: 2 },
      { id: 'c', name: 'east, worker 10', worker: 10 },
      { id: 'a', name: 'west' },
      { id: 'd', name: 'west' },
    ];
    expect([nameGateways(rows), nameGateways(rows.toReversed())]).toEqual([named, named]);
  });
});
