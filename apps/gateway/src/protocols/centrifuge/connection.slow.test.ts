import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Session } from '@tickwire/hub';
import {
  createFakeTransport,
  createRandom,
  createRig,
  type FakeTransport,
  type Rig,
  range,
  turns,
  until,
} from '@tickwire/hub/testing';
import { parseChannelName } from '@tickwire/protocol';
import { createLogger } from '@tickwire/runtime';
import { testSeed } from '../../../../../tests/support/depth.js';
import { anybody, type Grant } from '../../access/grant.js';
import { gatewayConfig } from '../../config.js';
import type { Consumer, Scope } from '../consumer.js';
import { ProtocolViolation } from './close-reasons.js';
import { centrifugeConsumer } from './consumer.js';
import { type CentrifugeOptions, createCentrifugeContext } from './context.js';
import { CommandRefused, errorReplies } from './error-replies.js';

type Fields = Readonly<Record<string, unknown>>;

const btc = 'trade.sim.BTC-USD';
const eth = 'trade.sim.ETH-USD';

interface Client {
  readonly session: Session;
  readonly transport: FakeTransport;
  readonly consumer: Consumer;
  send(...commands: readonly object[]): void;
  received(): Fields[];
  pubs(channel: string): Fields[];
}

/** The payloads of server frames as they were written, one after another. */
const payloads = (writes: readonly Uint8Array[]): string[] => {
  const bytes = Buffer.concat(writes);
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const short = (bytes[at + 1] ?? 0) & 0x7f;
    const start = at + (short < 126 ? 2 : short === 126 ? 4 : 10);
    const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : bytes.readUInt32BE(at + 6);
    texts.push(bytes.toString('utf8', start, start + length));
    at = start + length;
  }
  return texts;
};

describe('a Centrifuge connection over a fake layer', () => {
  let rig: Rig;

  const openWith = (options: CentrifugeOptions = {}, env: Readonly<Record<string, string>> = {}) => {
    const catalog = {
      entries: [],
      known: async () => [],
      find: () => undefined,
      knows: (name: string) => parseChannelName(name) !== undefined,
      close: () => {},
    };
    const gateway = {
      name: 'here',
      hub: rig.hub,
      catalog,
      layerLoss: { reason: undefined },
      config: gatewayConfig(env),
      logger: createLogger('test', 'silent'),
      metrics: { refused: () => {} },
    };
    const type = centrifugeConsumer(createCentrifugeContext(gateway, options));
    const scope: Scope = {
      path: '',
      query: new URLSearchParams(),
      address: '',
      subprotocol: '',
      isCompressed: false,
      grant: anybody,
    };
    return (): Client => {
      const transport = createFakeTransport();
      const session = rig.hub.openSession(transport, type.format(scope));
      const consumer = type.create(
        {
          session,
          ping: () => {},
          admit: () => true,
          limitTo: () => {},
        },
        scope,
      );
      const received = (): Fields[] => payloads(transport.writes).map((text) => JSON.parse(text) as Fields);
      return {
        session,
        transport,
        consumer,
        send(...commands) {
          void consumer.receive(commands.map((command) => JSON.stringify(command)).join('\n'));
        },
        received,
        pubs: (channel) =>
          received().flatMap(({ push }) => {
            const { channel: on, pub } = (push ?? {}) as Fields;
            return on === channel && pub !== undefined ? [pub as Fields] : [];
          }),
      };
    };
  };

  const offsets = (pubs: readonly Fields[]): number[] => pubs.map(({ offset }) => Number(offset));
  const replied = (client: Client, id: number): Promise<void> =>
    until(`reply ${id}`, () => client.received().some((message) => message['id'] === id));
  const reply = async (client: Client, id: number): Promise<Fields> => {
    await replied(client, id);
    return client.received().find((message) => message['id'] === id) ?? {};
  };
  const publishMany = (channel: string, count: number): void => {
    for (let i = 0; i < count; i += 1) rig.source.publish(channel);
  };

  beforeEach(() => {
    rig = createRig();
  });
  afterEach(() => rig.close());

  test('[CF1] a client that does not connect in time is closed with 3502', async () => {
    const client = openWith({ connectDeadlineMs: 20 })();
    const other = openWith({ connectDeadlineMs: 20 })();
    other.send({ id: 1, connect: {} });
    await until('the close', () => client.transport.closed !== undefined);
    expect(client.transport.closed).toEqual({ reason: 'stale' });
    await turns();
    expect(other.transport.closed).toBeUndefined();
  });

  test('[CF64] a deadline begins with the turn of what waits, however many ask at once', async () => {
    await rig.close();
    const latencyMs = 8;
    rig = createRig({ fake: { delay: () => new Promise((resolve) => setTimeout(resolve, latencyMs)) } });
    publishMany(btc, 100);
    const open = openWith({ answerDeadlineMs: 60 });
    const clients = range(1, 150).map(() => open());
    const history = { channel: btc, limit: 10, since: { epoch: 'e1', offset: 20 } };
    for (const client of clients) client.send({ id: 1, connect: {} }, { id: 2, history });
    for (const client of clients) {
      const answer = (await reply(client, 2)) as { history?: { publications: readonly Fields[] } };
      expect(offsets(answer.history?.publications ?? [])).toEqual(range(21, 30));
    }
  });

  describe('with channels granted without asking', () => {
    const grant = (channels: readonly string[]): Grant => ({ user: 'u', channels, maySubscribe: () => true });

    test('[CF4] they come with the answer to connect, and everything behind it is pushed once', async () => {
      publishMany(btc, 3);
      publishMany(eth, 5);
      const client = openWith({ authenticate: () => grant([btc, eth]) })();
      client.send({ id: 1, connect: {} });
      await replied(client, 1);
      expect(client.received()).toEqual([
        {
          id: 1,
          connect: expect.objectContaining({
            subs: {
              [btc]: { recoverable: true, positioned: true, epoch: 'e1', offset: 3 },
              [eth]: { recoverable: true, positioned: true, epoch: 'e1', offset: 5 },
            },
          }),
        },
      ]);
      publishMany(btc, 300);
      publishMany(eth, 2);
      await until('all', () => client.pubs(btc).length >= 300 && client.pubs(eth).length >= 2);
      expect(offsets(client.pubs(btc))).toEqual(range(4, 303));
      expect(offsets(client.pubs(eth))).toEqual([6, 7]);
    });

    test('[CF4] they are recovered from the positions sent with connect', async () => {
      publishMany(btc, 9);
      publishMany(eth, 9);
      const client = openWith({ authenticate: () => grant([btc, eth]) })();
      const subs = {
        [btc]: { recover: true, epoch: 'e1', offset: 6 },
        [eth]: { recover: true, epoch: 'e0', offset: 6 },
      };
      client.send({ id: 1, connect: { subs } });
      const { connect } = await reply(client, 1);
      const results = (connect as { subs: Record<string, Fields> }).subs;
      expect(results[btc]).toMatchObject({ was_recovering: true, recovered: true, offset: 6 });
      expect(offsets((results[btc]?.['publications'] ?? []) as Fields[])).toEqual([7, 8, 9]);
      expect(results[eth]).toEqual({
        recoverable: true,
        positioned: true,
        epoch: 'e1',
        offset: 9,
        was_recovering: true,
      });
    });

    test('[CF4] nothing is missing or twice, whatever is published meanwhile', async () => {
      const seed = testSeed;
      const random = createRandom(seed);
      await rig.close();
      const pauses = async (): Promise<void> => {
        for (let i = random.below(6); i > 0; i -= 1) {
          if (random.chance(0.3)) rig.source.publish(random.pick([btc, eth]));
          await (random.chance(0.5) ? Promise.resolve() : turns(1));
        }
      };
      rig = createRig({ fake: { delay: pauses } });
      const start = openWith({ authenticate: () => grant([btc, eth]) });
      publishMany(btc, 20);
      publishMany(eth, 20);
      for (let round = 0; round < 40; round += 1) {
        const client = start();
        const from: Record<string, number> = {
          [btc]: rig.source.position(btc)?.seq ?? 0,
          [eth]: rig.source.position(eth)?.seq ?? 0,
        };
        const subs = Object.fromEntries(
          Object.entries(from).map(([channel, offset]) => [channel, { recover: true, epoch: 'e1', offset }]),
        );
        publishMany(btc, random.below(5));
        client.send({ id: 1, connect: { subs } });
        await replied(client, 1);
        for (let i = 0; i < 5; i += 1) {
          publishMany(btc, random.below(3));
          publishMany(eth, random.below(3));
          await turns(random.below(3));
        }
        await turns();
        const { connect } = client.received()[0] as { connect: { subs: Record<string, Fields> } };
        for (const channel of [btc, eth]) {
          const first = offsets((connect.subs[channel]?.['publications'] ?? []) as Fields[]);
          const seen = [...first, ...offsets(client.pubs(channel))];
          const top = rig.source.position(channel)?.seq ?? 0;
          expect({ seed, round, channel, seen }).toEqual({
            seed,
            round,
            channel,
            seen: range((from[channel] ?? 0) + 1, top),
          });
        }
        client.session.disconnected();
        client.consumer.disconnect();
      }
    });

    test('[CF23] who loses something of them is closed with 3010, behind everything before the loss', async () => {
      publishMany(btc, 3);
      const client = openWith({ authenticate: () => grant([btc]) })();
      client.send({ id: 1, connect: {} });
      await replied(client, 1);
      publishMany(btc, 2);
      rig.source.reset(btc);
      publishMany(btc, 4);
      await until('the close', () => client.transport.closed !== undefined);
      expect(client.transport.closed).toEqual({ reason: 'insufficientState' });
      expect(offsets(client.pubs(btc))).toEqual([4, 5]);
      expect(client.transport.wrongWrites).toBe(0);
    });

    test('[CF4] they count as followed, until the client leaves them', async () => {
      publishMany(btc, 1);
      const client = openWith({ authenticate: () => grant([btc]) })();
      client.send(
        { id: 1, connect: {} },
        { id: 2, subscribe: { channel: btc } },
        { id: 3, presence_stats: { channel: btc } },
        { id: 4, unsubscribe: { channel: btc } },
        { id: 5, presence_stats: { channel: btc } },
      );
      expect(await reply(client, 2)).toMatchObject({ error: { code: 105 } });
      expect(await reply(client, 3)).toMatchObject({ presence_stats: { num_clients: 1, num_users: 1 } });
      expect(await reply(client, 5)).toMatchObject({ presence_stats: { num_clients: 0, num_users: 0 } });
      publishMany(btc, 3);
      await turns();
      expect(client.pubs(btc)).toEqual([]);
    });

    /** A layer that answers nothing about a channel until `release`. */
    const hold = async (held: string): Promise<() => void> => {
      await rig.close();
      let release = (): void => {};
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      rig = createRig({
        fake: { delay: (operation, name) => (operation === 'listen' && name === held ? released : Promise.resolve()) },
      });
      return release;
    };

    test('[CF4] a loss while they are joined: they begin behind it', async () => {
      const release = await hold(eth);
      publishMany(btc, 3);
      const client = openWith({ authenticate: () => grant([btc, eth]) })();
      client.send({ id: 1, connect: {} });
      await until('the first channel', () => rig.hub.channels.get(btc)?.isOpen === true);
      await turns();
      rig.source.reset(btc);
      publishMany(btc, 2);
      await turns();
      release();
      const { connect } = (await reply(client, 1)) as { connect?: { subs?: Fields } };
      expect(connect?.subs?.[btc]).toMatchObject({ epoch: 'e2', offset: 2 });
      publishMany(btc, 2);
      await turns();
      expect(offsets(client.pubs(btc))).toEqual([3, 4]);
    });

    test('[CF4] one of them that does not answer in time rejects the connect with 100, temporary', async () => {
      const release = await hold(eth);
      publishMany(btc, 3);
      const client = openWith({ authenticate: () => grant([btc, eth]), answerDeadlineMs: 20 })();
      client.send({ id: 1, connect: {} });
      expect(await reply(client, 1)).toEqual({ id: 1, error: errorReplies.late });
      release();
      publishMany(btc, 2);
      publishMany(eth, 2);
      await turns(20);
      expect(client.received()).toHaveLength(1);
    });

    test('[CF4] a layer that fails rejects the connect with 100, temporary', async () => {
      rig.source.failNext('listen', 1);
      const client = openWith({ authenticate: () => grant([btc]) })();
      client.send({ id: 1, connect: {} });
      expect(await reply(client, 1)).toEqual({ id: 1, error: errorReplies.internal });
    });
  });

  describe('refusing', () => {
    test('[CF5] an error of authenticate is the answer; what follows closes with 3501', async () => {
      const refuse = (): never => {
        throw new CommandRefused(errorReplies.tokenExpired);
      };
      const client = openWith({ authenticate: refuse })();
      client.send({ id: 1, connect: { token: 'x' } }, { id: 2, subscribe: { channel: btc } });
      expect(await reply(client, 1)).toEqual({ id: 1, error: { code: 109, message: 'token expired' } });
      client.send({ id: 3, connect: {} });
      await turns();
      expect(client.transport.closed?.reason).toBe('badRequest');
      expect(client.received()).toHaveLength(1);
    });

    test('[CF5] a close code of authenticate closes', async () => {
      const refuse = (): never => {
        throw new ProtocolViolation('who are you', 'invalidToken');
      };
      const client = openWith({ authenticate: refuse })();
      client.send({ id: 1, connect: {} });
      await until('the close', () => client.transport.closed !== undefined);
      expect(client.transport.closed).toEqual({ reason: 'invalidToken', detail: 'invalid token: who are you' });
    });

    test('[CF19] a channel the client may not follow is 103; a grant that ends says when', async () => {
      const expiresAtMs = Date.now() + 60_000;
      const grant: Grant = {
        user: 'u',
        channels: [],
        expiresAtMs,
        data: { a: 1 },
        maySubscribe: (name) => name !== btc,
      };
      const client = openWith({ authenticate: async () => grant })();
      client.send(
        { id: 1, connect: {} },
        { id: 2, subscribe: { channel: btc } },
        { id: 3, subscribe: { channel: eth } },
      );
      expect(await reply(client, 2)).toMatchObject({ error: { code: 103 } });
      expect(await reply(client, 3)).toHaveProperty('subscribe');
      expect(await reply(client, 1)).toMatchObject({ connect: { expires: true, ttl: 60, data: { a: 1 } } });
    });

    test('[CF3] a client that says too much before it is answered is closed with 3013', async () => {
      const client = openWith({ authenticate: () => new Promise<Grant>(() => {}) }, { MAX_CHANNELS: '2' })();
      client.send({ id: 1, connect: {} });
      for (let i = 2; i < 80; i += 1) client.send({ id: i, subscribe: { channel: btc } });
      await turns();
      expect(client.transport.closed?.reason).toBe('tooManyRequests');
    });
  });

  test('[CF21] a layer that does not answer in time is error 100, temporary, and the late answer changes nothing', async () => {
    await rig.close();
    let release = (): void => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    rig = createRig({ fake: { delay: (operation) => (operation === 'newest' ? held : Promise.resolve()) } });
    const client = openWith({ answerDeadlineMs: 20 })();
    client.send({ id: 1, connect: {} }, { id: 2, subscribe: { channel: btc } });
    expect(await reply(client, 2)).toEqual({ id: 2, error: errorReplies.late });
    release();
    publishMany(btc, 2);
    await turns(20);
    expect(client.pubs(btc)).toEqual([]);
    client.send({ id: 3, subscribe: { channel: btc } });
    expect(await reply(client, 3)).toHaveProperty('subscribe.offset', 2);
  });

  test('[CF21] a history that does not answer in time is error 100, temporary, and takes no place', async () => {
    await rig.close();
    rig = createRig({
      fake: { delay: (operation) => (operation === 'newest' ? new Promise(() => {}) : Promise.resolve()) },
    });
    const client = openWith({ answerDeadlineMs: 20 })();
    client.send({ id: 1, connect: {} });
    for (let round = 0; round < 3; round += 1) {
      const ids = range(10 + round * 10, 17 + round * 10);
      client.send(...ids.map((id) => ({ id, history: { channel: btc, limit: 1 } })));
      for (const id of ids) expect(await reply(client, id)).toEqual({ id, error: errorReplies.late });
    }
  });

  test('[CF66] answers with history wait until the client has taken those before: none closes it, none piles up', async () => {
    await rig.close();
    rig = createRig({ maxOutboxBytes: 1_024 });
    const client = openWith()();
    publishMany(btc, 500);
    client.send({ id: 1, connect: {} });
    await replied(client, 1);
    client.transport.block();
    const ids = range(10, 17);
    client.send(...ids.map((id) => ({ id, history: { channel: btc, limit: 500 } })));
    for (const id of ids) {
      await replied(client, id);
      await until('the block', () => client.session.isBlocked);
      await turns(20);
      // What is written, and one more at most.
      expect(client.session.outboxBytes).toBeLessThan(50_000);
      expect(client.received().at(-1)).toMatchObject({ id });
      client.transport.unblock();
      client.transport.block();
      client.session.drained();
    }
    expect([client.transport.closed, client.transport.wrongWrites]).toEqual([undefined, 0]);
    expect(offsets(((await reply(client, 17))['history'] as { publications: Fields[] }).publications)).toHaveLength(
      500,
    );
  });

  test('[CF24] a slow client receives the number of skipped publications', async () => {
    await rig.close();
    rig = createRig({ maxOutboxBytes: 16_384 });
    const client = openWith()();
    client.send({ id: 1, connect: {} }, { id: 2, subscribe: { channel: btc } });
    await replied(client, 2);
    client.transport.block();
    publishMany(btc, 1);
    await until('the block', () => client.session.isBlocked);
    publishMany(btc, 1_000);
    await turns(40);
    client.transport.unblock();
    client.session.drained();
    await until('the newest', () => offsets(client.pubs(btc)).at(-1) === 1_001);
    let last = 0;
    for (const { offset, tags } of client.pubs(btc)) {
      const skipped = Number(((tags ?? {}) as Fields)['skipped'] ?? 0);
      expect({ offset, skipped }).toEqual({ offset, skipped: Number(offset) - last - 1 });
      last = Number(offset);
    }
    expect(client.pubs(btc).length).toBeLessThan(500);
  });

  test('[CF25] stale and live are message pushes', async () => {
    const client = openWith()();
    client.send({ id: 1, connect: {} }, { id: 2, subscribe: { channel: btc } });
    await replied(client, 2);
    rig.source.disconnect();
    rig.source.reconnect();
    await until('both', () => client.received().length >= 4);
    expect(client.received().slice(2)).toEqual([
      { push: { message: { data: { type: 'channel.stale', channel: btc } } } },
      { push: { message: { data: { type: 'channel.live', channel: btc } } } },
    ]);
  });

  test('[CF22] a loss of an interval subscription is reported behind the waiting publication', async () => {
    publishMany(btc, 3);
    const client = openWith()();
    client.send({ id: 1, connect: {} }, { id: 2, subscribe: { channel: btc, data: { interval: 60_000 } } });
    await replied(client, 2);
    publishMany(btc, 2);
    rig.source.reset(btc);
    publishMany(btc, 4);
    await until('the loss', () => client.received().length >= 4);
    expect(offsets(client.pubs(btc))).toEqual([5]);
    expect(client.received().at(-1)).toMatchObject({ push: { channel: btc, unsubscribe: { code: 2500 } } });
    client.send({
      id: 3,
      subscribe: { channel: btc, data: { interval: 60_000 }, recover: true, epoch: 'e1', offset: 5 },
    });
    const { subscribe } = await reply(client, 3);
    expect(subscribe).toMatchObject({ epoch: 'e2', was_recovering: true, offset: 4 });
  });

  test('[CF41] a client whose socket takes no bytes is not pinged, nor closed for it', async () => {
    const client = openWith({}, { PING_MS: '100' })();
    client.send({ id: 1, connect: {} }, { id: 2, subscribe: { channel: btc } });
    await replied(client, 2);
    client.transport.block();
    publishMany(btc, 1);
    await until('the block', () => client.session.isBlocked);
    const started = Date.now();
    await until('three pings of time', () => Date.now() - started > 300);
    expect(client.transport.closed).toBeUndefined();
    expect(client.transport.wrongWrites).toBe(0);
    client.transport.unblock();
    client.session.drained();
    await until('a ping', () => client.received().some((message) => Object.keys(message).length === 0));
    await until('the close', () => client.transport.closed !== undefined);
    expect(client.transport.closed).toEqual({ reason: 'noPong' });
  });

  test('[CF40] a client that leaves is pinged no more, and leaves no timer', async () => {
    const client = openWith({}, { PING_MS: '100' })();
    client.send({ id: 1, connect: {} });
    await replied(client, 1);
    client.session.disconnected();
    client.consumer.disconnect();
    client.transport.clear();
    const started = Date.now();
    await until('two pings of time', () => Date.now() - started > 200);
    expect(client.transport.writes).toEqual([]);
  });
});
