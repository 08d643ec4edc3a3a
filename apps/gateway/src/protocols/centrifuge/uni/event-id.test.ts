import { describe, expect, test } from '@jest/globals';
import { createRandom } from '@tickwire/hub/testing';
import type { Position } from '@tickwire/protocol';
import { testSeed } from '../../../../../../tests/support/depth.js';
import { eventId, parseEventId } from './event-id.js';

const channels = ['trade.sim.BTC-USD', 'trade.sim.ETH-USD', 'health.sim.BTC-USD'];
const positions = new Map<string, Position | undefined>([
  ['trade.sim.BTC-USD', { epoch: 'Zk3v1c0a', seq: 1_042 }],
  ['trade.sim.ETH-USD', { epoch: 'odd, epoch: ü\n', seq: 2 ** 53 - 1 }],
  ['health.sim.BTC-USD', undefined],
]);

describe('event ids', () => {
  test('[US4] hold the position of every channel, in what a header may hold', () => {
    const id = eventId(channels, (channel) => positions.get(channel));
    expect(id).toMatch(/^[\x21-\x7e]+$/);
    expect(parseEventId(id, channels)).toEqual(positions);
  });

  test('[US5] of other channels, or of others in another order, are of no use', () => {
    const id = eventId(channels, (channel) => positions.get(channel));
    expect(parseEventId(id, [...channels].reverse())).toBeUndefined();
    expect(parseEventId(id, channels.slice(1))).toBeUndefined();
  });

  test('[US5] damaged ones are of no use, or name other positions, but never throw', () => {
    const seed = testSeed;
    const random = createRandom(seed);
    const id = eventId(channels, (channel) => positions.get(channel));
    for (let round = 0; round < 2_000; round += 1) {
      const at = random.below(id.length);
      const damaged =
        id.slice(0, at) +
        random.pick(['', ',', ':', '%', '%zz', '9'.repeat(30), '\u0000']) +
        id.slice(at + random.below(4));
      for (const [, position] of parseEventId(damaged, channels) ?? []) {
        if (position !== undefined && !Number.isSafeInteger(position.seq)) throw new Error(`seed ${seed}: ${damaged}`);
      }
    }
  });
});
