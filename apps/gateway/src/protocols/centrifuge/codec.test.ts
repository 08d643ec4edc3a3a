import { describe, expect, test } from '@jest/globals';
import { Publication } from '@tickwire/hub';
import protobuf from 'protobufjs';
import type { Codec } from './codec.js';
import { jsonCodec } from './json-codec.js';
import { protobufCodec } from './protobuf-codec.js';
import type { Reply } from './reply.js';

/** The same messages as a client has them: with messages where ours have their bytes. */
const { root } = protobuf.parse(
  `
  syntax = "proto3";
  message Reply {
    uint32 id = 1; Error error = 2; Push push = 4; ConnectResult connect = 5; SubscribeResult subscribe = 6;
    Empty unsubscribe = 7; PresenceStatsResult presence_stats = 10; HistoryResult history = 11; Empty ping = 12;
  }
  message Empty {}
  message Error { uint32 code = 1; string message = 2; bool temporary = 3; }
  message Push { int64 id = 1; string channel = 2; Publication pub = 4; Unsubscribe unsubscribe = 7; Message message = 8; }
  message Publication { bytes data = 4; uint64 offset = 6; map<string, string> tags = 7; string epoch = 14; }
  message Unsubscribe { uint32 code = 2; string reason = 3; }
  message Message { bytes data = 1; }
  message ConnectResult {
    string client = 1; string version = 2; bool expires = 3; uint32 ttl = 4; bytes data = 5;
    map<string, SubscribeResult> subs = 6; uint32 ping = 7; bool pong = 8; string session = 9; string node = 10;
  }
  message SubscribeResult {
    bool expires = 1; uint32 ttl = 2; bool recoverable = 3; string epoch = 6; repeated Publication publications = 7;
    bool recovered = 8; uint64 offset = 9; bool positioned = 10; bool was_recovering = 12;
  }
  message PresenceStatsResult { uint32 num_clients = 1; uint32 num_users = 2; }
  message HistoryResult { repeated Publication publications = 1; string epoch = 2; uint64 offset = 3; }
`,
  { keepCase: true },
);
const replyType = root.lookupType('Reply');

const bytesAsJson = (_key: string, value: unknown): unknown => {
  const bytes = value as { type?: string; data?: number[] } | null;
  return bytes?.type === 'Buffer' ? JSON.parse(Buffer.from(bytes.data ?? []).toString()) : value;
};

/** What a client makes of a frame: data parsed, whatever the encoding. */
const read = (codec: Codec, frame: Uint8Array): unknown[] => {
  if (codec === jsonCodec) {
    return Buffer.from(frame)
      .toString()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
  }
  const replies: unknown[] = [];
  const reader = protobuf.Reader.create(frame);
  while (reader.pos < reader.len) {
    const reply = replyType.toObject(replyType.decodeDelimited(reader), { longs: Number });
    replies.push(JSON.parse(JSON.stringify(reply), bytesAsJson));
  }
  return replies;
};

const encodeReply = (codec: Codec, reply: Reply): Uint8Array => Buffer.concat(codec.encodeReply(reply));

interface Fields {
  readonly publications?: readonly { readonly offset: number }[];
}

const publication = (seq: number, fields: object = {}): Publication =>
  new Publication('trade.sim.BTC-USD', { seq, epoch: 'e1' }, { type: 'price.trade', seq, ...fields });

describe.each([jsonCodec, protobufCodec])('$name', (codec) => {
  const pubs = [publication(7, { price: '1.10' }), publication(2 ** 53 - 1, { note: 'ü\n"\u2028' })];
  const asRead = pubs.map(({ message, position }) => ({ data: message, offset: position?.seq }));

  test.each<[string, Reply, object]>([
    ['an error', { id: 4, error: { code: 111, message: 'too many requests', temporary: true } }, {}],
    ['an empty result', { id: 4, unsubscribe: {} }, {}],
    ['a subscribe', { id: 2 ** 32 - 1, subscribe: { recoverable: true, epoch: 'e1', offset: 6 } }, {}],
    [
      'publications',
      { id: 5, subscribe: { recovered: true, publications: pubs } },
      { subscribe: { recovered: true, publications: asRead } },
    ],
    [
      'a history',
      { id: 5, history: { epoch: 'e1', offset: 9, publications: pubs } },
      { history: { epoch: 'e1', offset: 9, publications: asRead } },
    ],
    ['presence', { id: 6, presence_stats: { num_clients: 3, num_users: 2 } }, {}],
    [
      'a connect',
      { id: 1, connect: { client: 'c', version: 'v', ping: 25, pong: true, expires: true, ttl: 60, node: 'n' } },
      {},
    ],
    [
      'a connect with data and subscriptions',
      {
        id: 1,
        connect: {
          client: 'c',
          version: 'v',
          ping: 25,
          data: { a: [1, 2] },
          subs: { one: { recoverable: true, publications: pubs }, two: { positioned: true, offset: 8 } },
        },
      },
      {
        connect: {
          client: 'c',
          version: 'v',
          ping: 25,
          data: { a: [1, 2] },
          subs: { one: { recoverable: true, publications: asRead }, two: { positioned: true, offset: 8 } },
        },
      },
    ],
  ])('[CF50] %s means the same in both encodings', (_what, reply, expected) => {
    expect(read(codec, encodeReply(codec, reply))).toEqual([{ ...reply, ...expected }]);
  });

  test.each([0, 1, 63, 64, 65, 200])('[CF63] %i publications from any position, those sent before too', (count) => {
    const all = Array.from({ length: 300 }, (_, index) => publication(index + 1));
    for (const from of [0, 1, 62, 63, 64, 90]) {
      const publications = all.slice(from, from + count);
      for (const reply of [
        { id: 5, subscribe: { publications } },
        { id: 5, history: { epoch: 'e1', offset: 9, publications: [...publications].reverse() } },
      ]) {
        const [{ subscribe, history }] = read(codec, encodeReply(codec, reply)) as [Record<string, Fields | undefined>];
        const offsets = ((subscribe ?? history)?.publications ?? []).map(({ offset }) => offset);
        const expected = publications.map(({ position }) => position?.seq);
        expect(offsets).toEqual(subscribe === undefined ? expected.reverse() : expected);
      }
    }
  });

  test('[CF63] replies to clients from the same position have the same parts, those from another one nearly all', () => {
    const all = Array.from({ length: 300 }, (_, index) => publication(index + 1));
    const large = (id: number, from: number): readonly Uint8Array[] =>
      codec
        .encodeReply({ id, subscribe: { epoch: 'e1', publications: all.slice(from) } })
        .filter(({ length }) => length > 1_024);
    const [first, second, later] = [large(7, 10), large(8, 10), large(9, 20)];
    expect(first.length).toBeGreaterThan(3);
    for (const [index, part] of first.entries()) expect(second[index]).toBe(part);
    expect(later.filter((part) => first.includes(part)).length).toBeGreaterThanOrEqual(first.length - 1);
  });

  test('[CF63] publications with a hole, or of two epochs, are not a run', () => {
    const whole = Array.from({ length: 128 }, (_, index) => publication(index + 1));
    encodeReply(codec, { id: 5, subscribe: { publications: whole } });
    const other = new Publication('trade.sim.BTC-USD', { seq: 127, epoch: 'e2' }, { type: 'price.trade' });
    for (const publications of [whole.filter((_, index) => index !== 80), [...whole.slice(0, 126), other]]) {
      const [{ subscribe }] = read(codec, encodeReply(codec, { id: 5, subscribe: { publications } })) as [
        Record<string, Fields | undefined>,
      ];
      expect(subscribe?.publications?.map(({ offset }) => offset)).toEqual(
        publications.map(({ position }) => position?.seq),
      );
    }
  });

  test('[CF50] publications, with what was skipped, and without a position', () => {
    const channel = 'trade.sim.BTC-USD';
    const message = { type: 'price.trade', big: 2n ** 60n };
    const frames = [
      codec.encodePublication(publication(7), 0),
      codec.encodePublication(publication(9), 12),
      codec.encodePublication(new Publication(channel, undefined, message), 0),
    ];
    expect(read(codec, codec.join(frames))).toEqual([
      { push: { channel, pub: { data: { type: 'price.trade', seq: 7 }, offset: 7 } } },
      { push: { channel, pub: { data: { type: 'price.trade', seq: 9 }, offset: 9, tags: { skipped: '12' } } } },
      { push: { channel, pub: { data: { type: 'price.trade', big: String(2n ** 60n) } } } },
    ]);
  });

  test('[G126] a skipped number comes with the age of the publication, where that is known', () => {
    expect(read(codec, codec.encodePublication(publication(9), 12, 2_345))).toMatchObject([
      { push: { pub: { offset: 9, tags: { skipped: '12', waitedMs: '2345' } } } },
    ]);
  });

  test.each([0, 12])('[CF50] a publication whose JSON the layer had has the same bytes; %i skipped', (skipped) => {
    const at = { seq: 1, epoch: 'é "1"' };
    const message = { type: 'price.trade', price: '1.10', nested: { list: [1, 2] } };
    const json = Buffer.from(JSON.stringify(message));
    const encoded = [new Publication('a', at, message), new Publication('a', at, message, 0, json)].map((each) =>
      codec.encodePublication(each, skipped),
    );
    expect(Buffer.compare(encoded[0] ?? json, encoded[1] ?? json)).toBe(0);
    expect(read(codec, encoded[1] ?? json)).toMatchObject([
      { push: { channel: 'a', pub: { data: message, offset: 1, epoch: at.epoch } } },
    ]);
  });

  test('[CF50] data beside which a type stands for itself is taken out, whatever the layer had', () => {
    const message = { type: 'data.json', data: [1, 2] };
    const json = Buffer.from(JSON.stringify(message));
    const encoded = codec.encodePublication(new Publication('a', undefined, message, 0, json), 0);
    expect(read(codec, encoded)).toEqual([{ push: { channel: 'a', pub: { data: [1, 2] } } }]);
  });

  test('[CF15] the first of an epoch brings the epoch', () => {
    expect(read(codec, codec.encodePublication(publication(1), 0))).toMatchObject([{ push: { pub: { epoch: 'e1' } } }]);
  });

  test('[CF22] [CF25] notices', () => {
    const frames = [
      codec.encodeNotice({ kind: 'lost', channel: 'c', after: undefined, resumed: { seq: 4, epoch: 'e2' } }),
      codec.encodeNotice({ kind: 'stale', channel: 'c' }),
    ];
    expect(read(codec, codec.join(frames))).toEqual([
      { push: { channel: 'c', unsubscribe: { code: 2500, reason: 'insufficient state' } } },
      { push: { message: { data: { type: 'channel.stale', channel: 'c' } } } },
    ]);
  });

  test('[CF40] a ping is an empty reply', () => {
    expect(read(codec, codec.ping)).toEqual([{}]);
  });
});
