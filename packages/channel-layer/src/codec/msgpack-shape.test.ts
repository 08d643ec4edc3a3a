import { describe, expect, test } from '@jest/globals';
import { encode } from '@msgpack/msgpack';
import { createRandom } from '@tickwire/protocol/testing';
import { createMessageCodec } from './codec.js';
import { assertShape } from './msgpack-shape.js';

const codec = createMessageCodec();
/** A message whose field `d` holds these bytes. */
const around = (inside: Buffer): Buffer => Buffer.concat([Buffer.from('82a474797065a178a164', 'hex'), inside]);
const repeated = (hex: string, times: number): Buffer => Buffer.from(hex.repeat(times), 'hex');

describe('what msgpack declares', () => {
  test.each([
    ['arrays of 32 million in each other', repeated('dd01f00000', 12)],
    ['arrays of 65,535', repeated('dcffff', 2_000)],
    ['maps of 4 billion', repeated('dfffffffffa161', 10)],
    ['a map of 65,535', Buffer.from('deffffa16101', 'hex')],
    ['a string of 4 billion', Buffer.from('dbffffffff61', 'hex')],
    ['bytes of 4 billion', Buffer.from('c6ffffffff61', 'hex')],
    ['an extension of 4 billion', Buffer.from('c9ffffffff0161', 'hex')],
    ['half a length', Buffer.from('dd01', 'hex')],
    ['arrays of one, 100,000 deep', repeated('91', 100_000)],
    ['maps of one, 10,000 deep', repeated('81a161', 10_000)],
  ])('[L62] %s is poison, and allocates nothing', (_what, inside) => {
    const before = process.memoryUsage().rss;
    for (let round = 0; round < 100; round += 1) {
      expect(() => codec.decode(around(inside))).toThrow('poison message: unreadable');
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(50_000_000);
  });

  test('[L62] a message is walked to its very end, whatever it holds', () => {
    const random = createRandom(20_261_127);
    const make = (depth: number): unknown => {
      const kind = random.below(depth > 5 ? 7 : 9);
      const size = random.pick([0, 1, 15, 16, 31, 32, 255, 256, 70_000]);
      if (kind === 0) return 'x'.repeat(size);
      if (kind === 1) return new Uint8Array(size);
      if (kind === 2)
        return random.pick([0, 127, 128, 255, 256, 65_536, 2 ** 33, -1, -32, -33, -129, -40_000, -(2 ** 33)]);
      if (kind === 3) return random.below(1_000) / 7;
      if (kind < 7) return random.pick([null, true, false]);
      const children = Array.from({ length: random.pick([0, 1, 3, 15, 16]) }, () => make(depth + 1));
      return kind === 7 ? children : Object.fromEntries(children.map((child, index) => [`k${index}`, child]));
    };
    for (let round = 0; round < 60; round += 1) {
      const bytes = encode({ type: 'a', value: make(0) });
      assertShape(bytes);
      expect(() => assertShape(bytes.subarray(0, 7))).toThrow(RangeError);
    }
    assertShape(encode(Array.from({ length: 70_000 }, () => 1)));
  });
});
