import { describe, expect, test } from '@jest/globals';
import { createRandom } from '@tickwire/protocol/testing';
import { createMessageCodec } from './codec.js';
import { createMsgpackToJson } from './msgpack-json.js';

const codec = createMessageCodec();
const toJson = createMsgpackToJson();
const bytes = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const jsonOf = (payload: Uint8Array): string | undefined => toJson(payload)?.toString();

const ticker = {
  type: 'price.ticker',
  venue: 'binance',
  ts: 1_795_347_505_123,
  pts: 4_294_967_296,
  seq: 2_147_483_648,
  epoch: '9b35896da0eb8d26',
  last: '97123.45',
  nested: { closed: false, none: null, done: true, list: [0, 127, 128, 65_535, 65_536, [], {}] },
  negative: [-1, -32, -33, -129, -40_000, -3_000_000_000, -Number.MAX_SAFE_INTEGER],
  large: [999_999, 1_000_000, 2_147_483_647, 2_147_483_648_000_001, Number.MAX_SAFE_INTEGER],
  float: [0.1, 1.5e-10, 1e-300, -2.25, 5e-324],
};

describe('JSON text of a message, made of its bytes', () => {
  test('[L85] is what JSON.stringify makes of it', () => {
    const payload = codec.encode(ticker);
    expect(jsonOf(payload)).toBe(JSON.stringify(ticker));
    const decoded = codec.decodeWithJson(payload);
    expect(decoded.message).toEqual(ticker);
    expect(Buffer.from(decoded.json ?? []).toString()).toBe(JSON.stringify(ticker));
  });

  test('[L85] whatever it holds, text and message are the same', () => {
    const random = createRandom(20_261_128);
    const make = (depth: number): unknown => {
      const kind = random.below(depth > 4 ? 6 : 8);
      if (kind === 0) return 'x'.repeat(random.pick([0, 1, 31, 32, 255, 256]));
      if (kind === 1) return random.pick(['é', '"', '\\', '\n', '\u007f', '😀', '\u2028', '__proto__']);
      if (kind === 2) return random.below(2 ** 31) * random.pick([1, 2 ** 20, -1, -(2 ** 20), 1 / 7]);
      if (kind < 6) return random.pick([null, true, false, 0, -1, 255, 1e-21, 0.5]);
      const children = Array.from({ length: random.below(7) }, () => make(depth + 1));
      return kind === 6 ? children : Object.fromEntries(children.map((child, index) => [`k${index}`, child]));
    };
    let made = 0;
    for (let round = 0; round < 400; round += 1) {
      const message = { type: 'a', value: make(0) };
      const { message: read, json } = codec.decodeWithJson(codec.encode(message));
      expect(read).toEqual(message);
      if (json === undefined) continue;
      made += 1;
      expect(Buffer.from(json).toString()).toBe(JSON.stringify(message));
    }
    expect(made).toBeGreaterThan(100);
  });

  test('[L85] a doubled or numeric key stays where it was, and means what it means in the message', () => {
    const payload = bytes('84 a474797065 a174 a162 01 a137 02 a162 03');
    expect(jsonOf(payload)).toBe('{"type":"t","b":1,"7":2,"b":3}');
    expect(codec.decodeWithJson(payload).message).toEqual({ type: 't', b: 3, 7: 2 });
  });

  test('[L85] the text belongs to its message: a later one does not change it', () => {
    const first = toJson(codec.encode({ type: 'a', n: 1 }));
    toJson(codec.encode({ type: 'b', n: 2 }));
    expect(first?.toString()).toBe('{"type":"a","n":1}');
  });

  test.each([
    ['a quotation mark', codec.encode({ type: 't', a: '"' })],
    ['a line feed', codec.encode({ type: 't', a: '\n' })],
    ['text beyond ASCII', codec.encode({ type: 't', a: 'é' })],
    ['bytes', codec.encode({ type: 't', a: new Uint8Array([1]) })],
    ['an integer beyond 2^53', codec.encode({ type: 't', a: 2n ** 53n })],
    ['a negative integer beyond 2^53', codec.encode({ type: 't', a: -(2n ** 53n) - 1n })],
    ['a field that begins with an underscore', codec.encode({ type: 't', _a: 1 })],
    ['a message of 20,000 bytes', codec.encode({ type: 't', a: 'x'.repeat(20_000) })],
  ])('[L85] %s: there is none, and the message is read as before', (_what, payload) => {
    expect(toJson(payload)).toBeUndefined();
    expect(codec.decodeWithJson(payload)).toEqual({ message: codec.decode(payload), json: undefined });
  });

  test.each([
    ['nothing at all', ''],
    ['a cut off message', '82a474797065'],
    ['a cut off text', '81a474797065a574'],
    ['a cut off length', '81a474797065da00'],
    ['a cut off integer', '81a474797065cf0000'],
    ['a cut off signed integer', '81a474797065d3ff'],
    ['a cut off float', '81a474797065cb3ff8'],
    ['a byte too many', '81a474797065a17400'],
    ['a map of 65,535', 'deffffa16101'],
    ['a list of 65,535', 'dcffff'],
    ['a key that is a number', '810102'],
    ['not a number', '81a161cb7ff8000000000000'],
    ['minus zero', '81a161cb8000000000000000'],
    ['an extension', '81a161d40100'],
    ['lists 101 deep', `${'91'.repeat(101)}c0`],
  ])('[L85] %s is left to the general decoder', (_what, payload) => {
    expect(toJson(bytes(payload))).toBeUndefined();
  });

  test('[L85] a byte of msgpack becomes at most four of JSON and a comma', () => {
    const longest = new Array<null>(16_000).fill(null);
    const message = { type: 't', longest };
    expect(jsonOf(codec.encode(message))).toBe(JSON.stringify(message));
  });
});
