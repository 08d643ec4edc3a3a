import { describe, expect, test } from '@jest/globals';
import { InvalidMessage, PoisonMessage, SerializerDoesNotExist } from '../errors.js';
import type { Message } from '../layer.js';
import { createMessageCodec, type MessageCodecOptions } from './codec.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const bytes = (source: string): Uint8Array => Buffer.from(source.replaceAll(' ', ''), 'hex');

const poisonOf = (payload: Uint8Array, options: MessageCodecOptions = {}): string => {
  try {
    createMessageCodec(options).decode(payload);
  } catch (error) {
    if (error instanceof PoisonMessage) return error.reason;
    throw error;
  }
  return 'readable';
};

const msgpack = createMessageCodec();
const json = createMessageCodec({ serializer: 'json' });

describe('msgpack, byte for byte as channels_redis', () => {
  // Captured from `group_send` on a real channels_redis.
  const tick = { type: 'price.tick', price: 1.5, symbol: 'BTC-USD' };
  const tickBytes =
    '83 a474797065 aa70726963652e7469636b a57072696365 cb3ff8000000000000 a673796d626f6c a74254432d555344';

  test('[L3] a price tick is the 47 bytes that Python sends', () => {
    expect(hex(msgpack.encode(tick))).toBe(hex(bytes(tickBytes)));
    expect(msgpack.decode(bytes(tickBytes))).toEqual(tick);
  });

  test('[L3] every value type has the same bytes as in Python', () => {
    const message = {
      type: 'hello',
      n: [1, -1, 2n ** 63n - 1n, -(2n ** 63n)],
      b: new Uint8Array([0, 255]),
      t: [1, 2],
      f: true,
      z: null,
      u: 'é€😀',
    };
    const golden =
      '87 a474797065 a568656c6c6f a16e 94 01 ff cf7fffffffffffffff d38000000000000000 a162 c40200ff a174 920102 a166 c3 a17a c0 a175 a9c3a9e282acf09f9880';
    expect(hex(msgpack.encode(message))).toBe(hex(bytes(golden)));
    const back = msgpack.decode(bytes(golden));
    expect(Buffer.from(back['b'] as Uint8Array).toString('hex')).toBe('00ff');
    expect({ ...back, b: null }).toEqual({ ...message, b: null });
  });

  test('[L12 #37] [L12 #38] the serializer vector of channels_redis, both ways', () => {
    const vector = '83a161c3a162c0a16381a16490';
    const value = { a: true, b: null, c: { d: [] } };
    expect(hex(msgpack.encode({ type: 'v', ...value }))).toBe(`84a474797065a176${vector.slice(2)}`);
    expect(msgpack.decode(bytes(`84a474797065a176${vector.slice(2)}`))).toEqual({ type: 'v', ...value });
  });

  test('[L3] the shortest integer form, beside a bigint too', () => {
    const values = [0, 127, 128, 255, 256, 65_535, 65_536, 4_294_967_295, 4_294_967_296, 1_700_000_000_123];
    const negatives = [-1, -32, -33, -128, -129, -32_768, -32_769, -2_147_483_648, -2_147_483_649];
    const n = [...values, ...negatives, 0.1, 1e-7];
    const golden =
      '9500 7f cc80 ccff cd0100 cdffff ce00010000 ceffffffff cf0000000100000000 cf0000018bcfe5687b ff e0 d0df d080 d1ff7f d18000 d2ffff7fff d280000000 d3ffffffff7fffffff cb3fb999999999999a cb3e7ad7f29abcaf48';
    const list = `dc0015${golden.slice(2)}`;
    const plain = hex(msgpack.encode({ type: 't', n }));
    expect(plain).toBe(hex(bytes(`82a474797065a174a16e${list}`)));
    const withBigInt = hex(msgpack.encode({ type: 't', n, big: [5n, 2n ** 53n] }));
    expect(withBigInt).toBe(hex(bytes(`83a474797065a174a16e${list}a362696792 05 cf0020000000000000`)));
  });

  test('[L3] integers beyond 2^53 arrive as bigint, all others as number', () => {
    const message = msgpack.decode(
      msgpack.encode({ type: 't', big: 2n ** 53n + 1n, ts: 1_700_000_000_123, small: 7n }),
    );
    expect(message).toEqual({ type: 't', big: 2n ** 53n + 1n, ts: 1_700_000_000_123, small: 7 });
  });

  test('[L3] each encode returns new bytes, each decode a new message', () => {
    const first = msgpack.encode(tick);
    const copy = hex(first);
    msgpack.encode({ type: 'price.tick', price: 2.5, symbol: 'ETH-USD' });
    expect(hex(first)).toBe(copy);
    expect(msgpack.decode(first)).not.toBe(msgpack.decode(first));
  });
});

describe('JSON, byte for byte as json.dumps', () => {
  test('[L3] a space after comma and colon, non-ASCII escaped', () => {
    const message = {
      type: 'price.tick',
      price: 1.5,
      symbol: 'é€😀',
      a: [1, 'x"\\\n\u007f'],
      o: {},
      z: null,
      f: false,
    };
    expect(text(json.encode(message))).toBe(
      '{"type": "price.tick", "price": 1.5, "symbol": "\\u00e9\\u20ac\\ud83d\\ude00", "a": [1, "x\\"\\\\\\n\u007f"], "o": {}, "z": null, "f": false}',
    );
    expect(json.decode(json.encode(message))).toEqual(message);
  });

  test('[L3] floats have exponents as in Python', () => {
    const n = [0.1, 0.0001, 0.00001, 0.00001234, 1e-7, 1.5e-10, 2e-300, 123456.789, -0.00002];
    expect(text(json.encode({ type: 't', n }))).toBe(
      '{"type": "t", "n": [0.1, 0.0001, 1e-05, 1.234e-05, 1e-07, 1.5e-10, 2e-300, 123456.789, -2e-05]}',
    );
  });

  test('[L3] a bigint keeps its digits, bytes are rejected', () => {
    expect(text(json.encode({ type: 't', n: 2n ** 63n }))).toBe('{"type": "t", "n": 9223372036854775808}');
    expect(() => json.encode({ type: 't', b: new Uint8Array(1) })).toThrow(InvalidMessage);
  });
});

describe('messages that are rejected before they are sent', () => {
  const circular: Record<string, unknown> = { type: 't' };
  circular['self'] = circular;
  const rejected: readonly (readonly [what: string, message: unknown, says: string])[] = [
    ['a list', ['t'], 'plain object'],
    ['a string', 'hello', 'plain object'],
    ['null', null, 'plain object'],
    ['a class instance', new (class Tick {})(), 'Tick'],
    ['no type', { price: 1 }, 'type'],
    ['a numeric type', { type: 5 }, 'type'],
    ['an empty type', { type: '' }, 'type'],
    ['a type with a leading underscore', { type: '_x' }, '_x'],
    ['a type with a leading dot', { type: '.x' }, '.x'],
    ['the reserved key', { type: 't', __asgi_channel__: 'c' }, '__asgi_channel__'],
    ['undefined', { type: 't', a: undefined }, 'field a is undefined'],
    ['undefined inside', { type: 't', a: [{ b: undefined }] }, 'field a.0.b is undefined'],
    ['a Map', { type: 't', a: new Map() }, 'a Map'],
    ['a Set', { type: 't', a: new Set() }, 'a Set'],
    ['a Date', { type: 't', a: new Date(0) }, 'a Date'],
    ['a function', { type: 't', a: () => 1 }, 'a function'],
    ['a symbol', { type: 't', a: Symbol('s') }, 'a symbol'],
    ['another view on memory', { type: 't', a: new Float64Array(1) }, 'a Float64Array'],
    ['NaN', { type: 't', a: Number.NaN }, 'NaN'],
    ['Infinity', { type: 't', a: Number.POSITIVE_INFINITY }, 'Infinity'],
    ['an integer that may be rounded', { type: 't', a: 2 ** 53 }, 'bigint'],
    ['a bigint of 65 bits', { type: 't', a: 2n ** 64n }, '64 bits'],
    ['half a surrogate pair', { type: 't', a: '\ud83d' }, 'surrogate'],
    ['half a surrogate pair in a key', { type: 't', '\ude00': 1 }, 'field name'],
    ['the key __proto__', JSON.parse('{"type":"t","a":{"__proto__":1}}'), '__proto__'],
    ['a circle', circular, 'deep'],
  ];
  for (const [what, message, says] of rejected) {
    test(`[L2] ${what}`, () => {
      for (const codec of [msgpack, json]) {
        expect(() => codec.encode(message as Message)).toThrow(InvalidMessage);
        expect(() => codec.encode(message as Message)).toThrow(says);
      }
    });
  }

  test('[L2] objects without a prototype, nested 100 deep, of 1 MB are sent', () => {
    let deep: unknown = 'bottom';
    for (let depth = 0; depth < 98; depth += 1) deep = [deep];
    const message = Object.assign(Object.create(null), { type: 't', deep, big: 'x'.repeat(1_000_000) });
    expect(msgpack.decode(msgpack.encode(message))).toEqual({ ...message });
  });
});

describe('what counts as poison on arrival', () => {
  const poison: readonly (readonly [what: string, payload: string, reason: string])[] = [
    ['the byte that msgpack never uses', 'c1', 'unreadable'],
    ['nothing at all', '', 'unreadable'],
    ['a cut off message', '82a474797065', 'unreadable'],
    ['a byte too many', '81a474797065a174 00', 'unreadable'],
    ['a map key that is a number', '82a474797065a174 01 02', 'unreadable'],
    ['a map key that is bytes', '82a474797065a174 c40101 02', 'unreadable'],
    ['a timestamp', '82a474797065a174 a161 d6ff00000000', 'unreadable'],
    ['an unknown extension', '82a474797065a174 a161 d40100', 'unreadable'],
    ['a string that is not UTF-8', '82a474797065a174 a161 a2c328', 'unreadable'],
    ['a list of strings that are not UTF-8', '82a474797065a174 a161 92a161a1ff', 'unreadable'],
    ['a million nested lists', '91'.repeat(1_000_000), 'unreadable'],
    ['a list', '91a174', 'not-a-map'],
    ['a bare string', 'a174', 'not-a-map'],
    ['a number', '01', 'not-a-map'],
    ['a map without type', '81a16101', 'no-type'],
    ['a numeric type', '81a47479706501', 'no-type'],
    ['an empty type', '81a474797065a0', 'no-type'],
    ['a leading underscore', '81a474797065a25f78', 'refused-type'],
    ['a leading dot', '81a474797065a22e78', 'refused-type'],
  ];
  for (const [what, payload, reason] of poison) {
    test(`[L5] ${what} is ${reason}`, () => expect(poisonOf(bytes(payload))).toBe(reason));
  }

  test('[L5] JSON that is invalid, not UTF-8, or not a message', () => {
    const options = { serializer: 'json' } as const;
    expect(poisonOf(Buffer.from('{"type": "t"'), options)).toBe('unreadable');
    expect(poisonOf(bytes('7b2274797065223a2022ff227d'), options)).toBe('unreadable');
    expect(poisonOf(Buffer.from('[1]'), options)).toBe('not-a-map');
    expect(poisonOf(Buffer.from('{}'), options)).toBe('no-type');
    expect(poisonOf(Buffer.from('{"type": "_x"}'), options)).toBe('refused-type');
  });

  test('[L5] unknown types, and types that are method names in Django, are left to the reader', () => {
    for (const type of ['close', 'websocket.receive', 'no.such.thing']) {
      expect(msgpack.decode(msgpack.encode({ type })).type).toBe(type);
    }
  });

  test('[L5] after poison the codec continues', () => {
    expect(() => msgpack.decode(bytes('c1'))).toThrow(PoisonMessage);
    expect(msgpack.decode(bytes('81a474797065a174'))).toEqual({ type: 't' });
  });
});

describe('serializers', () => {
  test('[L12 #44] [L12 #45] an invalid serializer is rejected', () => {
    for (const serializer of ['yaml', { encode: () => new Uint8Array() }, { decode: () => ({}) }, null, 5]) {
      expect(() => createMessageCodec({ serializer } as unknown as MessageCodecOptions)).toThrow(
        SerializerDoesNotExist,
      );
    }
  });

  test('[L12 #46] a custom serializer makes the round trip, and is checked as the built-in ones', () => {
    const serializer = {
      encode: (message: Message) => Buffer.from(`!${JSON.stringify(message)}`),
      decode: (payload: Uint8Array): unknown => JSON.parse(Buffer.from(payload).toString().slice(1)),
    };
    const codec = createMessageCodec({ serializer });
    expect(codec.decode(codec.encode({ type: 't', a: [1] }))).toEqual({ type: 't', a: [1] });
    expect(() => codec.encode({ type: '_t' })).toThrow(InvalidMessage);
    expect(poisonOf(Buffer.from('!1'), { serializer })).toBe('not-a-map');
  });
});

describe('encryption of messages', () => {
  test('[L12 #49] the round trip, and nothing readable on the way', () => {
    for (const serializer of ['msgpack', 'json'] as const) {
      const codec = createMessageCodec({ serializer, encryptionKeys: ['a-test-key'] });
      const payload = codec.encode({ type: 'secret.tick' });
      expect(text(payload)).not.toContain('secret');
      expect(codec.decode(payload)).toEqual({ type: 'secret.tick' });
    }
  });

  test('[L4] plain text, and what another key made, is undecryptable', () => {
    const options = { encryptionKeys: ['right'] };
    expect(poisonOf(msgpack.encode({ type: 't' }), options)).toBe('undecryptable');
    expect(poisonOf(createMessageCodec({ encryptionKeys: ['wrong'] }).encode({ type: 't' }), options)).toBe(
      'undecryptable',
    );
    expect(poisonOf(createMessageCodec(options).encode({ type: 't' }), options)).toBe('readable');
  });
});
