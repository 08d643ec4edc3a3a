import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRandom, type Random } from '@tickwire/hub/testing';
import { WebSocket } from 'ws';
import { isNightly, rounds, testSeed } from '../support/depth.js';
import { type MemoryGateway, startMemoryGateway } from '../support/memory-gateway.js';
import { connectPlain, type PlainClient } from '../support/plain-client.js';
import { waitFor } from '../support/wait-for.js';

/** A client may have 1,024: a few times more by day. */
const subscriptions = isNightly ? 100_000 : 4_000;

const btc = 'trade.sim.BTC-USD';
/** Ours, and those with which `ws` answers frames that break RFC 6455. */
const documentedCodes = [3008, 3013, 3501, 3505, 4504, 1007, 1009];
const documentedTypes =
  /^(error|channel\.(subscribed|unsubscribed|refused|recovered|lost|stale|live)|price\.trade|prediction)$/;

const values: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1.5, 1e308, 2 ** 53, '', btc, 'x'.repeat(300), '\u0000\ud800', [], {}],
  ...[[btc], [btc, btc, ''], [1], [[btc]], { [btc]: { seq: 1, epoch: 'e1' } }, { [btc]: { seq: -1, epoch: 'e1' } }],
  { ['__proto__']: { seq: 1, epoch: 'e1' } },
];
const fields = ['subscribe', 'unsubscribe', 'interval', 'last', 'since', '__proto__', 'constructor', 'type'];

const request = (random: Random): string => {
  const parts: string[] = [];
  if (random.chance(0.6)) parts.push(`"subscribe":${JSON.stringify(random.pick([[btc], ['nonsense'], [btc, 'a']]))}`);
  for (let i = random.below(4); i > 0; i -= 1)
    parts.push(`${JSON.stringify(random.pick(fields))}:${JSON.stringify(random.pick(values))}`);
  return `{${parts.join(',')}}`;
};

const message = (random: Random): string | Buffer => {
  const text = request(random);
  const at = random.below(text.length + 1);
  const kinds: readonly (() => string | Buffer)[] = [
    () => text,
    () => text,
    () => text.slice(0, at),
    () => text.slice(0, at) + random.pick(['"', '}', '\\', '\n', '\u2028']) + text.slice(at),
    () => '['.repeat(1 + random.below(30_000)),
    () => `{"subscribe":${'['.repeat(5_000)}${']'.repeat(5_000)}}`,
    () => `{"subscribe":["${btc}"],"last":${'9'.repeat(1 + random.below(400))}}`,
    () => `{"subscribe":[${Array.from({ length: 3_000 }, (_, index) => `"trade.sim.A${index}-USD"`)}]}`,
    () => 'x'.repeat(random.below(100_000)),
    () => Buffer.from(Array.from({ length: random.below(300) }, () => random.below(256))),
    () => Buffer.from(text),
  ];
  return random.pick(kinds)();
};

const queries: readonly string[] = [
  ...['', `?channels=${btc}`, `?channels=${btc}&since=${btc}:e1:3`, '?channels=', '?channels=,,,', '?symbol=%00'],
  ...['?channels=nonsense', `?channels=${btc}&last=-1`, `?channels=${btc}&interval=1e9`, `?channels=${btc}&since=::`],
  ...[
    `?channels=${btc}&channels=x`,
    `?channels=${btc}&batch=1`,
    '?venue=__proto__',
    '?%',
    `?channels=${'x,'.repeat(9_000)}`,
  ],
];

describe('whatever a client of /ws/prediction/ sends', () => {
  let server: MemoryGateway;
  let witness: PlainClient;
  beforeAll(async () => {
    server = await startMemoryGateway();
    await server.publish('ticker.sim.BTC-USD', { type: 'price.ticker', last: '5', ts: 1 });
    for (let i = 0; i < 10; i += 1) await server.publish(btc);
    witness = await connectPlain(`${server.url}/ws/prediction/?channels=${btc}`);
  });
  afterAll(async () => {
    witness?.[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
  });

  /** Somebody else notices nothing. */
  const expectService = async (): Promise<void> => {
    const seq = await server.publish(btc);
    await waitFor('the next publication', () => witness.messages.at(-1)?.['seq'] === seq);
    const seqs = witness.messages.map((each) => each['seq']);
    expect(seqs).toEqual(seqs.map((_, index) => 10 + index));
  };

  it('[G17] a documented answer or close code, and the gateway goes on', async () => {
    const seed = testSeed;
    const random = createRandom(seed);
    const outcomes = { closed: 0, answered: 0 };
    for (let round = 0; round < rounds(300); round += 1) {
      const query = random.chance(0.7) ? '' : random.pick(queries);
      const socket = new WebSocket(`${server.url.replace(/^http/, 'ws')}/ws/prediction/${query}`);
      const types: unknown[] = [];
      let closedWith: number | undefined;
      let isDone = false;
      socket.on('error', () => {});
      socket.on('close', (code) => {
        closedWith = code;
      });
      socket.on('message', (data) => {
        const parsed: unknown = JSON.parse(data.toString());
        for (const each of (Array.isArray(parsed) ? parsed : [parsed]) as Record<string, unknown>[]) {
          types.push(each['type'] ?? (each['price'] === undefined ? undefined : 'prediction'));
          if (each['type'] === 'channel.unsubscribed' && each['channel'] === 'the.end') isDone = true;
        }
      });
      const sent = Array.from({ length: 1 + random.below(4) }, () => message(random));
      const reported = `seed ${seed}, round ${round}: ${query} ${sent.map((each) => each.toString().slice(0, 150))}`;
      await waitFor(`the socket; ${reported}`, () => socket.readyState !== socket.CONNECTING);
      for (const each of sent) socket.send(each, { binary: typeof each !== 'string' });
      socket.send('{"unsubscribe":["the.end"]}');
      await waitFor(`an end; ${reported}`, () => closedWith !== undefined || isDone);
      if (closedWith === undefined) outcomes.answered += 1;
      else {
        outcomes.closed += 1;
        expect({ reported, closedWith, isDocumented: documentedCodes.includes(closedWith) }).toMatchObject({
          isDocumented: true,
        });
      }
      const odd = types.filter((type) => !documentedTypes.test(String(type)));
      expect({ reported, odd }).toEqual({ reported, odd: [] });
      socket.terminate();
      if (round % 20 === 0) await expectService();
    }
    // Both happen, or the test tests nothing.
    expect(outcomes.closed).toBeGreaterThan(rounds(20));
    expect(outcomes.answered).toBeGreaterThan(rounds(20));
    await expectService();
  });

  it(`[G17] ${subscriptions} subscriptions: as many as are allowed, a refusal for each of the others`, async () => {
    await using open = await startMemoryGateway({ symbols: [], env: { COMMANDS_PER_SECOND: '1000000' } });
    using client = await connectPlain(`${open.url}/ws/prediction/`);
    const total = subscriptions;
    const batch = 1_000;
    const answered = (): number =>
      client.messages.filter(({ type }) => type === 'channel.subscribed' || type === 'channel.refused').length;
    for (let first = 0; first < total; first += batch) {
      const subscribe = Array.from({ length: batch }, (_, index) => `trade.sim.A${first + index}-USD`);
      client.socket.send(JSON.stringify({ subscribe }));
      await waitFor(`the answers up to ${first}`, () => answered() >= first, 20_000);
    }
    await waitFor('the last answer', () => answered() >= total, 20_000);
    const refused = client.messages.filter(({ type }) => type === 'channel.refused');
    expect(refused).toHaveLength(total - 1_024);
    expect(refused[0]).toMatchObject({ reason: 'more than 1024 channels' });
    await open.publish('trade.sim.A7-USD');
    await client.until(
      'a publication',
      ({ channel, type }) => channel === 'trade.sim.A7-USD' && type === 'price.trade',
    );
  });

  it('[G17] 100,000 subscriptions in one message are too large', async () => {
    using client = await connectPlain(`${server.url}/ws/prediction/`);
    client.socket.on('error', () => {});
    client.socket.send(JSON.stringify({ subscribe: Array.from({ length: 100_000 }, (_, index) => `a${index}`) }));
    expect((await client.closed).code).toBe(1009);
    await expectService();
  });
});
