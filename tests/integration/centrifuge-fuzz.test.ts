import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRandom, type Random } from '@tickwire/hub/testing';
import { WebSocket } from 'ws';
import { type CentrifugeClient, openCentrifuge } from '../support/centrifuge-client.js';
import { isNightly, rounds, testSeed } from '../support/depth.js';
import { type MemoryGateway, startMemoryGateway } from '../support/memory-gateway.js';
import { waitFor } from '../support/wait-for.js';

/** A client may have 1,024: a few times more by day. */
const subscriptions = isNightly ? 100_000 : 4_000;

const btc = 'trade.sim.BTC-USD';
/** Error codes of the protocol, as documented. */
const errorCodes = [100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 111, 112];
/** Ours, and those with which `ws` answers frames that break RFC 6455. */
const closeCodes = [3008, 3012, 3013, 3501, 3502, 3508, 1002, 1003, 1007, 1009];
const frameDeadlineMs = 15_000;

const methods = [
  'connect',
  'subscribe',
  'unsubscribe',
  'publish',
  'presence',
  'presence_stats',
  'history',
  'ping',
  'send',
  'rpc',
  'refresh',
  'sub_refresh',
  '__proto__',
  'constructor',
  'dance',
];
const fields = [
  'channel',
  'token',
  'recover',
  'epoch',
  'offset',
  'data',
  'tf',
  'flag',
  'type',
  'limit',
  'since',
  'reverse',
];

const scalars: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  2 ** 53,
  2 ** 32,
  '',
  btc,
  'trade.sim.ETH-USD',
  'e1',
  '_',
  'x'.repeat(300),
  '\u0000\ud800',
  [],
  {},
  { interval: 20 },
  { last: 5 },
  { offset: 1, epoch: 'e1' },
];

const jsonCommand = (random: Random): string => {
  const request: Record<string, unknown> = {};
  if (random.chance(0.7)) request['channel'] = random.pick([btc, btc, 'trade.sim.ETH-USD', 'nonsense', '']);
  for (let i = random.below(5); i > 0; i -= 1) request[random.pick(fields)] = random.pick(scalars);
  const command: Record<string, unknown> = {};
  if (random.chance(0.9)) command['id'] = random.chance(0.9) ? 1 + random.below(1_000) : random.pick(scalars);
  Object.defineProperty(command, random.pick(methods), {
    value: random.chance(0.9) ? request : random.pick(scalars),
    enumerable: true,
  });
  return JSON.stringify(command);
};

const damage = (random: Random, text: string): string => {
  const at = random.below(text.length + 1);
  const kinds = [
    () => text,
    () => text,
    () => text.slice(0, at),
    () => text.slice(0, at) + random.pick(['"', '}', '\\', '\n', ',', '\u2028']) + text.slice(at),
    () => `${text}\n${text}`,
    () => '['.repeat(1 + random.below(30_000)),
    () => `{"id":2,"subscribe":{"channel":"${btc}","data":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}}`,
    () => `{"id":${'9'.repeat(1 + random.below(400))},"ping":{}}`,
    () => 'x'.repeat(random.below(200_000)),
  ];
  return random.pick(kinds)();
};

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) | 0x80, ...varint(Math.floor(value / 128))];
const lengthDelimited = (field: number, bytes: readonly number[]): number[] => [
  ...varint(field * 8 + 2),
  ...varint(bytes.length),
  ...bytes,
];
const number = (field: number, value: number): number[] => [...varint(field * 8), ...varint(value)];

/** A command as Protobuf: an id, and a request with some fields of random kinds. */
const protobufCommand = (random: Random): number[] => {
  const request: number[] = [];
  if (random.chance(0.8)) request.push(...lengthDelimited(1, [...Buffer.from(random.pick([btc, 'nonsense', '']))]));
  for (let i = random.below(5); i > 0; i -= 1) {
    const field = 1 + random.below(20);
    if (random.chance(0.5)) request.push(...number(field, random.pick([0, 1, 7, 2 ** 32, 2 ** 53 - 1])));
    else
      request.push(
        ...lengthDelimited(
          field,
          Array.from({ length: random.below(20) }, () => random.below(256)),
        ),
      );
  }
  const command = [...number(1, 1 + random.below(1_000)), ...lengthDelimited(4 + random.below(13), request)];
  return [...varint(command.length), ...command];
};

const damageBytes = (random: Random, bytes: readonly number[]): Uint8Array => {
  const all = [...bytes];
  const kinds = [
    () => {},
    () => {},
    () => all.splice(random.below(all.length + 1)),
    () => {
      for (let i = 1 + random.below(4); i > 0; i -= 1) all[random.below(all.length)] = random.below(256);
    },
    () => all.unshift(...varint(random.pick([2 ** 31, 2 ** 32 - 1, 2 ** 40]))),
    () => all.push(...all),
    () => all.splice(0, all.length, ...Array.from({ length: random.below(3_000) }, () => random.below(256))),
    // Groups within groups, which no field of ours is.
    () => all.splice(0, all.length, ...Array.from({ length: 20_000 }, () => 0x0b)),
  ];
  random.pick(kinds)();
  return Uint8Array.from(all);
};

/** What is behind the limit on commands is looked at here. */
const unlimited = { COMMANDS_PER_SECOND: '1000000' };

describe('whatever a client sends', () => {
  let server: MemoryGateway;
  let witness: CentrifugeClient;

  beforeAll(async () => {
    server = await startMemoryGateway({ env: unlimited });
    for (let i = 0; i < 10; i += 1) await server.publish(btc);
    witness = await openCentrifuge(server.url);
    await witness.connect();
    await witness.call({ subscribe: { channel: btc } });
  });
  afterAll(async () => {
    witness[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
  });

  /** Somebody else notices nothing. */
  const expectService = async (): Promise<void> => {
    const seq = await server.publish(btc);
    await waitFor('the next publication', () => witness.offsets(btc).at(-1) === seq);
    expect(witness.offsets(btc)).toEqual(witness.offsets(btc).map((_, index) => 11 + index));
  };

  it('[CF53] JSON: documented errors and close codes, and the gateway goes on', async () => {
    const seed = testSeed;
    const random = createRandom(seed);
    const outcomes = { closed: 0, answered: 0 };
    for (let round = 0; round < rounds(400); round += 1) {
      using client = await openCentrifuge(server.url);
      let closedWith: number | undefined;
      void client.closed.then(({ code }) => {
        closedWith = code;
      });
      if (random.chance(0.9)) client.send({ id: 100_000, connect: {} });
      const frames = Array.from({ length: 1 + random.below(4) }, () => damage(random, jsonCommand(random)));
      for (const frame of frames) client.sendRaw(frame);
      client.send({ id: 100_001, ping: {} });
      const reported = `seed ${seed}, round ${round}: ${JSON.stringify(frames).slice(0, 500)}`;
      await waitFor(
        `an end; ${reported}`,
        () => closedWith !== undefined || client.received.some(({ id }) => id === 100_001),
        frameDeadlineMs,
      );
      if (closedWith !== undefined) {
        outcomes.closed += 1;
        expect({ reported, isDocumented: closeCodes.includes(closedWith), closedWith }).toMatchObject({
          isDocumented: true,
        });
      } else {
        outcomes.answered += 1;
      }
      for (const { error } of client.received) {
        if (error === undefined) continue;
        const { code } = error as { code: number };
        expect({ reported, isDocumented: errorCodes.includes(code), code }).toMatchObject({ isDocumented: true });
      }
      if (round % 20 === 0) await expectService();
    }
    // Both happen, or the test tests nothing.
    expect(outcomes.closed).toBeGreaterThan(rounds(50));
    expect(outcomes.answered).toBeGreaterThan(rounds(20));
    await expectService();
  });

  it('[CF53] Protobuf: documented close codes, and the gateway goes on', async () => {
    const seed = testSeed;
    const random = createRandom(seed);
    const connect = Uint8Array.from([6, 8, 1, 34, 2, 10, 0]);
    // An id of its own and an empty ping.
    const ping = Uint8Array.from([4, 8, 99, 90, 0]);
    const outcomes = { closed: 0, answered: 0 };
    for (let round = 0; round < rounds(400); round += 1) {
      const socket = new WebSocket(`${server.url.replace(/^http/, 'ws')}/connection/websocket?format=protobuf`);
      let closedWith: number | undefined;
      let isAnswered = false;
      socket.on('close', (code) => {
        closedWith = code;
      });
      socket.on('message', (data: Buffer) => {
        if (data.includes(Buffer.from([8, 99, 98, 0]))) isAnswered = true;
      });
      await waitFor('the socket', () => socket.readyState === socket.OPEN);
      if (random.chance(0.9)) socket.send(connect);
      const frames = Array.from({ length: 1 + random.below(4) }, () => damageBytes(random, protobufCommand(random)));
      for (const frame of frames) socket.send(frame);
      socket.send(ping);
      const reported = `seed ${seed}, round ${round}: ${frames.map((frame) => Buffer.from(frame).toString('hex').slice(0, 200))}`;
      await waitFor(`an end; ${reported}`, () => closedWith !== undefined || isAnswered, frameDeadlineMs);
      if (closedWith === undefined) {
        outcomes.answered += 1;
        socket.terminate();
      } else {
        outcomes.closed += 1;
        expect({ reported, isDocumented: closeCodes.includes(closedWith), closedWith }).toMatchObject({
          isDocumented: true,
        });
      }
      if (round % 20 === 0) await expectService();
    }
    expect(outcomes.closed).toBeGreaterThan(rounds(50));
    expect(outcomes.answered).toBeGreaterThan(rounds(20));
    await expectService();
  });

  it(`[CF53] ${subscriptions} subscriptions: as many as are allowed, an error for each of the others`, async () => {
    await using open = await startMemoryGateway({ symbols: [], env: unlimited });
    using client = await openCentrifuge(open.url);
    await client.connect();
    const total = subscriptions;
    const batch = 500;
    for (let first = 0; first < total; first += batch) {
      const commands = Array.from({ length: batch }, (_, index) => ({
        id: 10 + first + index,
        subscribe: { channel: `trade.sim.A${first + index}-USD` },
      }));
      client.send(...commands);
      // One batch ahead of the answers: who asks without reading them is closed as slow.
      await waitFor(`the answers up to ${first}`, () => client.received.length > first, frameDeadlineMs);
    }
    await waitFor('the last answer', () => client.received.some(({ id }) => id === total + 9), frameDeadlineMs);
    const answers = client.received.slice(1).filter(({ id }) => id !== undefined);
    const codes = new Map<unknown, number>();
    for (const { error } of answers) {
      const code = (error as { code: number } | undefined)?.code ?? 'subscribed';
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    expect(Object.fromEntries(codes)).toEqual({ subscribed: 1_024, 106: total - 1_024 });
    expect(new Set(answers.map(({ id }) => id)).size).toBe(total);
    await open.publish('trade.sim.A7-USD');
    await waitFor('a publication', () => client.pubs('trade.sim.A7-USD').length === 1);
  });

  it(`[CF53] ${subscriptions} subscriptions at once, the answers unread: all are answered, or it is closed as slow`, async () => {
    await using open = await startMemoryGateway({ symbols: [], env: unlimited });
    using client = await openCentrifuge(open.url);
    await client.connect();
    let closedWith: number | undefined;
    void client.closed.then(({ code }) => {
      closedWith = code;
    });
    const total = subscriptions;
    for (let first = 0; first < total; first += 500) {
      const channel = (index: number): string => `trade.sim.A${first + index}-USD`;
      client.send(...Array.from({ length: 500 }, (_, index) => ({ id: 10, subscribe: { channel: channel(index) } })));
    }
    await waitFor('an end', () => closedWith !== undefined || client.received.length >= total + 1, 60_000);
    expect([undefined, 3008]).toContain(closedWith);
    using other = await openCentrifuge(open.url);
    await other.connect();
    expect(await other.call({ subscribe: { channel: btc } })).toHaveProperty('subscribe');
  });

  it('[CF53] 20,000 times subscribe and unsubscribe end as they should', async () => {
    using client = await openCentrifuge(server.url);
    await client.connect();
    let id = 10;
    for (let i = 0; i < 200; i += 1) {
      const commands: object[] = [];
      for (let k = 0; k < 50; k += 1) {
        commands.push({ id: id + 1, subscribe: { channel: btc } }, { id: id + 2, unsubscribe: { channel: btc } });
        id += 2;
      }
      client.send(...commands);
    }
    client.send({ id: 5, subscribe: { channel: btc } });
    expect(await client.reply(5)).toHaveProperty('subscribe');
    await expectService();
    await waitFor('the publication', () => client.pubs(btc).length > 0);
    expect(new Set(client.offsets(btc)).size).toBe(client.offsets(btc).length);
  });
});
