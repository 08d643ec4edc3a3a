import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createMessageCodec, type LayerEvent, type Message } from '@tickwire/channel-layer';
import { createCollector, freshName } from '@tickwire/channel-layer/testing';
import type { Published, Ticker } from '@tickwire/protocol';
import { createRandom, freshSeed, type Random } from '@tickwire/protocol/testing';
import { type PythonPeer, startPythonPeer } from '../support/python-peer.js';
import { openLayer, openRaw } from '../support/redis-layer.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { waitFor } from '../support/wait-for.js';

const ticker: Ticker & Published = {
  type: 'price.ticker',
  venue: 'binance',
  symbol: 'BTC-USDT',
  ts: 1_700_000_000_123,
  rts: 1_700_000_000_145,
  pts: 1_700_000_000_146,
  seq: 4_294_967_297,
  epoch: 'b3a1c0de',
  last: '64250.50000000',
  bid: '64250.49',
  ask: '64250.51',
  bidSize: '0.53100000',
  askSize: '1.2',
  open24h: '63000.00',
  high24h: '65000.00',
  low24h: '62000.10',
  volume24h: '12345.67800000',
  quoteVolume24h: '789012345.67',
  vwap24h: '64000.1',
  change24h: '1250.50',
  changePct24h: '1.985',
  ageMs: 12,
};

/** Every type that Channels has. */
const everything: Message = {
  type: 'all.types',
  n: [0, 1, -1, 255, 65_536, -2_147_483_649, 2n ** 63n - 1n, -(2n ** 63n), 1.5, 1e-7, -0.1],
  b: Uint8Array.of(0, 255),
  s: ['', 'é€😀', 'x'.repeat(300), '\u0000"\\\n'],
  deep: { er: [{ f: true, g: false, z: null }] },
};

let server: RedisServer;
beforeAll(async () => {
  server = await startRedisServer();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const kinds = [
  { name: 'plain', ours: {}, theirs: {} },
  { name: 'another prefix', ours: { prefix: 'shop:' }, theirs: { prefix: 'shop:' } },
  {
    name: 'encrypted',
    ours: { encryptionKeys: ['the new key', 'the old key'] },
    theirs: { symmetric_encryption_keys: ['the new key', 'the old key'] },
  },
  {
    name: 'encrypted, while keys are being changed',
    ours: { encryptionKeys: ['the new key', 'the old key'] },
    theirs: { symmetric_encryption_keys: ['the old key', 'the new key'] },
  },
] as const;

for (const { name, ours, theirs } of kinds) {
  describe(`a real channels_redis layer, ${name}`, () => {
    test('[L22] what Python sends to a group, our listeners and members receive', async () => {
      await using peer = await startPythonPeer({ hosts: [server.url], ...theirs });
      await using layer = await openLayer({ hosts: [server.url], ...ours });
      const poison: LayerEvent[] = [];
      layer.onEvent((event) => poison.push(event));
      const group = freshName('group');
      const heard = createCollector<Message>();
      const channel = await layer.newChannel();
      await layer.groupAdd(group, channel);
      await layer.groupListen(group, heard.add);
      for (const message of [ticker, everything]) await peer.groupSend(group, message);
      await heard.reached(2);
      expect(heard.items.map(plainBytes)).toEqual([ticker, everything].map(plainBytes));
      expect([await layer.receive(channel), await layer.receive(channel)].map(plainBytes)).toEqual(
        [ticker, everything].map(plainBytes),
      );
      await peer.send(channel, { type: 'to.one' });
      expect(await layer.receive(channel)).toEqual({ type: 'to.one' });
      expect(poison).toEqual([]);
    });

    test('[L22] what we send to a group, a Python member receives with equal fields', async () => {
      await using raw = await openRaw(server.url);
      await using peer = await startPythonPeer({ hosts: [server.url], ...theirs });
      await using layer = await openLayer({ hosts: [server.url], ...ours });
      const group = freshName('group');
      const channel = await peer.join(group);
      const prefix = 'prefix' in ours ? ours.prefix : 'asgi';
      await waitFor('Python to be subscribed', async () => (await raw.subscribers(`${prefix}__group__${group}`)) === 1);
      for (const message of [ticker as unknown as Message, everything]) await layer.groupSend(group, message);
      await layer.send(channel, { type: 'to.one' });
      await waitFor('Python to receive', () => peer.received.length === 3);
      expect(peer.received.map(({ message }) => plainBytes(message))).toEqual(
        [ticker, everything, { type: 'to.one' }].map(plainBytes),
      );
      expect(peer.received[2]?.channel).toBe(channel);
    });
  });
}

describe('our bytes and Python’s', () => {
  let peer: PythonPeer;
  beforeAll(async () => {
    peer = await startPythonPeer({ hosts: [server.url] });
  });
  afterAll(async () => {
    await peer[Symbol.asyncDispose]();
  });

  const seed = freshSeed();
  test(`[L3] [L22] random messages are the bytes of msgpack.packb (seed ${seed})`, async () => {
    const codec = createMessageCodec();
    const random = createRandom(seed);
    for (let round = 0; round < 100; round += 1) {
      const message = { type: 't', value: randomValue(random, 0, true) };
      const bytes = codec.encode(message);
      expect(Buffer.from(bytes).toString('hex')).toBe(await peer.pack('packb', message));
      expect(plainBytes(codec.decode(bytes))).toEqual(plainBytes(message));
    }
  });

  test(`[L3] [L22] random messages are the text of json.dumps (seed ${seed})`, async () => {
    const codec = createMessageCodec({ serializer: 'json' });
    const random = createRandom(seed);
    for (let round = 0; round < 100; round += 1) {
      const message = { type: 't', value: randomValue(random, 0, false) };
      const bytes = codec.encode(message);
      expect(Buffer.from(bytes).toString()).toBe(Buffer.from(await peer.pack('dumps', message), 'hex').toString());
    }
  });
});

const randomValue = (random: Random, depth: number, withBytes: boolean): unknown => {
  const inner = (): unknown => randomValue(random, depth + 1, withBytes);
  const many = <T>(make: () => T): T[] => Array.from({ length: random.below(random.chance(0.1) ? 40 : 4) }, make);
  switch (random.below(depth > 3 ? 6 : 8)) {
    case 0:
      return random.pick([null, true, false]);
    case 1:
      return (random.chance(0.5) ? 1 : -1) * (1 + random.below(2 ** (1 + random.below(31))));
    case 2:
      return (random.below(2 ** 21) * 2 ** 32 + 1 + random.below(2 ** 31)) * (random.chance(0.5) ? 1 : -1);
    case 3:
      return (random.below(2 ** 31) / 2 ** 31) * 10 ** (random.below(30) - 20) + 0.1 ** (1 + random.below(9));
    case 4:
      return many(() => String.fromCodePoint(random.pick([0x41, 0x0a, 0x22, 0xe9, 0x20ac, 0x1f600]))).join('');
    case 5:
      return withBytes ? Uint8Array.from(many(() => random.below(256))) : 'no bytes';
    case 6:
      return many(inner);
    default:
      return Object.fromEntries(many(() => [`key ${random.below(1_000)}`, inner()]));
  }
};

/** Buffers and typed arrays with the same bytes compare equal. */
const plainBytes = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return { bytes: [...value] };
  if (Array.isArray(value)) return value.map(plainBytes);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plainBytes(inner)]));
};
