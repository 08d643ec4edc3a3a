import { describe, expect, test } from '@jest/globals';
import { encode } from '@msgpack/msgpack';
import { createMessageCodec } from './codec.js';

const maxMessageBytes = 65_536;
const serializers = [
  ['msgpack', (message: unknown): Uint8Array => encode(message)],
  ['json', (message: unknown): Uint8Array => Buffer.from(JSON.stringify(message))],
] as const;
const keys = (count: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 1]));

describe.each(serializers)('the size of a message in %s', (serializer, foreign) => {
  const codec = createMessageCodec({ serializer, maxMessageBytes });

  test('[L162] a payload over the limit, or with too many keys, is poison', () => {
    expect(codec.decode(foreign({ type: 'a', text: 'x'.repeat(60_000) }))).toHaveProperty('text');
    expect(() => codec.decode(foreign({ type: 'a', text: 'x'.repeat(70_000) }))).toThrow('poison message: too-large');
    expect(codec.decode(foreign({ type: 'a', ...keys(2_000) }))).toHaveProperty('k1999');
    expect(() => codec.decode(foreign({ type: 'a', ...keys(3_000) }))).toThrow('poison message: too-large');
    expect(() => codec.decode(foreign({ type: 'a', list: Array(5_000).fill(1) }))).toThrow('too-large');
    // Commas in a text are no values.
    expect(codec.decode(foreign({ type: 'a', text: ',"\\'.repeat(10_000) }))).toHaveProperty('text');
  });

  test('[L162] what readers would drop is not sent', () => {
    expect(() => codec.encode({ type: 'a', text: 'x'.repeat(maxMessageBytes) })).toThrow(/bytes; 65536 are allowed/);
    expect(() => codec.encode({ type: 'a', ...keys(3_000) })).toThrow('more than the 4096 keys and values');
  });

  test.each([[[]], [['a secret']]])('[L162] the largest message can be read with its position, keys: %j', (secrets) => {
    const sender = createMessageCodec({ serializer, maxMessageBytes, encryptionKeys: secrets });
    let length = maxMessageBytes;
    const largest = (): Uint8Array | undefined => {
      try {
        return sender.encode({ type: 'a', text: 'x'.repeat(length) });
      } catch {
        length -= 1;
        return undefined;
      }
    };
    while (largest() === undefined);
    expect(length).toBeGreaterThan(maxMessageBytes - 100);
    const fernet = createMessageCodec({ serializer, encryptionKeys: secrets });
    const positioned = { type: 'a', text: 'x'.repeat(length), epoch: 'e'.repeat(32), seq: 2 ** 40 };
    expect(sender.decode(fernet.encode(positioned))).toEqual(positioned);
    expect(() => sender.decode(fernet.encode({ ...positioned, more: 'x'.repeat(1_000) }))).toThrow('too-large');
  });
});
