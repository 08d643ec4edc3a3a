import { describe, expect, it } from '@jest/globals';
import { createRandom, type Random } from '@tickwire/protocol/testing';
import { rounds, testSeed } from '../support/depth.js';
import { startMemoryGateway } from '../support/memory-gateway.js';

const apiKey = 'correct horse battery';
const methods = [
  'publish',
  'broadcast',
  'batch',
  'history',
  'presence_stats',
  'channels',
  'info',
  'presence',
  'rpc',
  '',
];
/** Those that may be published on. */
const own = ['news.a', 'news.b', 'ticker.mine.BTC-USD'];
const channels = [...own, 'ticker.sim.BTC-USD', 'nowhere', '', 'a b', '__proto__', 5];
const data = [
  1,
  null,
  'x',
  {},
  { last: 5 },
  { last: -1 },
  [[]],
  { seq: 1 },
  { __proto__: 1 },
  { last: '1e5' },
  undefined,
];

const anything = (random: Random): unknown =>
  random.pick([null, [], {}, '', -1, 0.5, 2 ** 53, true, { a: 1 }, ['a'], '\ud800', 'x'.repeat(300)]);

/** Half of it is right, or hardly anything would be published. */
const publication = (random: Random): object => ({
  channel: random.pick(random.below(2) === 0 ? own : channels),
  data: random.below(2) === 0 ? { last: 5 } : random.pick(data),
  ...(random.below(3) === 0 && { idempotency_key: random.pick(['a', 'b', '', 5, null, 'x'.repeat(10_000)]) }),
  ...(random.below(8) === 0 && {
    [random.pick(['tags', 'skip_history', 'b64data', 'more', 'message'])]: anything(random),
  }),
});

const bodyOf = (random: Random, method: string): unknown => {
  if (random.below(10) === 0) return anything(random);
  const since = random.pick([null, undefined, { offset: 1, epoch: 'x' }, { offset: -1 }, 5]);
  switch (method) {
    case 'broadcast':
      return { ...publication(random), channels: random.pick([channels, ['news.a', 'news.a'], [], 5, null]) };
    case 'batch':
      return {
        commands: Array.from({ length: random.below(5) }, () => ({ [random.pick(methods)]: publication(random) })),
      };
    case 'history':
      return {
        channel: random.pick(channels),
        limit: random.pick([0, 5, -1, 1e9, 'x']),
        since,
        reverse: random.below(2) === 0,
      };
    case '':
      return { method: random.pick([...methods, 5, '__proto__']), params: publication(random) };
    default:
      return publication(random);
  }
};

/** How many publications an answer claims, wherever it says so. */
const published = (answer: unknown): readonly string[] => {
  if (typeof answer !== 'object' || answer === null) return [];
  const { offset, epoch, publications } = answer as Readonly<Record<string, unknown>>;
  if (typeof offset === 'number')
    return typeof epoch === 'string' && publications === undefined ? [`${epoch}:${offset}`] : [];
  return Object.values(answer).flatMap(published);
};

describe('whatever is published', () => {
  it('[G193] is answered as documented; what an answer says was published is there, and nothing else', async () => {
    const random = createRandom(testSeed);
    await using served = await startMemoryGateway({ env: { API_KEY: apiKey, CHANNELS: 'news.*,ticker.mine.*' } });
    await served.publish('ticker.sim.BTC-USD');
    const claimed = new Set<string>();
    for (let round = 0; round < rounds(2_000); round += 1) {
      const method = random.pick(methods);
      const body = JSON.stringify(bodyOf(random, method)) ?? '';
      const response = await fetch(`${served.url}/api${method && `/${method}`}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-API-Key': apiKey },
        body: random.below(20) === 0 ? body.slice(0, -1) : body,
      });
      const answer = (await response.json()) as Readonly<Record<string, unknown>>;
      const reported = `seed ${testSeed}, round ${round}: ${method} ${body.slice(0, 300)} ${JSON.stringify(answer).slice(0, 300)}`;
      if (response.status !== 200) {
        expect([400, 404, 409, 415, 422, reported]).toContain(response.status);
        expect(answer['type']).toMatch(/^urn:tickwire:problem:/);
        continue;
      }
      const { code } = (answer['error'] ?? {}) as { code?: unknown };
      expect([undefined, 102, 103, 104, 106, 107, 108, 112, reported]).toContain(code);
      for (const position of published(answer)) claimed.add(position);
    }
    const stored: string[] = [];
    for (const channel of own) {
      const { messages } = await served.history.read(channel, { afterSeq: 0, limit: 100_000 });
      const [{ position } = { position: null }] = await served.history.newest([channel], 0);
      expect(position?.seq).toBeGreaterThan(0);
      for (const { epoch, seq } of messages) stored.push(`${epoch}:${seq}`);
    }
    expect(stored.filter((position) => !claimed.has(position))).toEqual([]);
    expect(claimed.size).toBe(stored.length);
    expect(
      (await served.history.newest(['ticker.sim.BTC-USD', 'nowhere'], 9)).map(({ messages }) => messages.length),
    ).toEqual([1, 0]);
  });
});
