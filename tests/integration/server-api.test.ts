import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openCentrifuge } from '../support/centrifuge-client.js';
import { type MemoryGateway, startMemoryGateway } from '../support/memory-gateway.js';
import { waitFor } from '../support/wait-for.js';

const apiKey = 'correct horse battery';
const env = { API_KEY: apiKey, CHANNELS: 'news.*,ticker.mine.*', MAX_CHANNELS: '20' };

type Json = Readonly<Record<string, unknown>>;

describe("Centrifugo's server API", () => {
  let served: MemoryGateway;
  let isBroken = false;
  beforeEach(async () => {
    served = await startMemoryGateway({
      env,
      onRead: () => {
        if (isBroken) throw new Error('Redis is out of reach');
      },
    });
  });
  afterEach(async () => {
    isBroken = false;
    await served[Symbol.asyncDispose]();
  });

  const post = async (path: string, body: unknown, headers: Json = { 'X-API-Key': apiKey }): Promise<Json> => {
    const response = await fetch(`${served.url}/api${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...(headers as Record<string, string>) },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: response.status, ...((await response.json()) as Json) };
  };
  const follow = async (channel: string) => {
    const client = await openCentrifuge(served.url);
    const { connect } = await client.connect();
    await client.call({ subscribe: { channel } });
    return { client, id: (connect as Json)['client'] };
  };

  it('[G188] free data arrives as it was published', async () => {
    const { client } = await follow('news.a');
    using _ = client;
    const given = [null, 0, 'text', { type: 'x', seq: 7 }, [1, { a: null }]];
    for (const data of given) {
      expect(await post('/publish', { channel: 'news.a', data })).toMatchObject({ status: 200, result: {} });
    }
    await waitFor('all', () => client.pubs('news.a').length === given.length);
    expect(client.pubs('news.a').map(({ data }) => data)).toEqual(given);
  });

  it('[G190] publish, broadcast and batch answer with positions, in the forms of all its clients', async () => {
    const first = await post('/publish', { channel: 'news.a', data: { n: 1 }, idempotency_key: 'a key', tags: {} });
    const { epoch } = first['result'] as Json;
    expect(first).toEqual({ status: 200, result: { offset: 1, epoch } });
    const repeat = { channel: 'news.a', data: { n: 1 }, idempotency_key: 'a key' };
    expect(await post('/publish', repeat, { Authorization: `apikey ${apiKey}` })).toEqual(first);
    expect(await post('', { method: 'publish', params: { channel: 'news.a', data: 2 } })).toEqual({
      status: 200,
      result: { offset: 2, epoch },
    });
    expect(
      await post('/broadcast', { channels: ['news.a', 'nowhere', 'ticker.mine.BTC-USD'], data: { last: 5 } }),
    ).toEqual({
      status: 200,
      result: {
        responses: [
          { result: { offset: 3, epoch } },
          { error: { code: 102, message: expect.stringContaining('add nowhere to CHANNELS') } },
          { result: { offset: 1, epoch: expect.any(String) } },
        ],
      },
    });
    const commands = [
      { publish: { channel: 'news.a', data: 4 } },
      { publish: { channel: 'news.a' } },
      { presence_stats: { channel: 'news.a' } },
      { nothing: {} },
      {},
    ];
    expect(await post('/batch', { commands, parallel: true })).toEqual({
      status: 200,
      replies: [
        { publish: { offset: 4, epoch } },
        { error: { code: 107, message: 'bad request: data required' } },
        { presence_stats: { num_clients: 0, num_users: 0 } },
        { error: { code: 104, message: 'method not found' } },
        { error: { code: 104, message: 'method not found' } },
      ],
    });
  });

  it('[G191] history, presence_stats, channels and info say what there is', async () => {
    const { client } = await follow('news.a');
    using _ = client;
    for (let n = 1; n <= 3; n += 1) await post('/publish', { channel: 'news.a', data: { n } });
    const top = (await post('/history', { channel: 'news.a' }))['result'] as Json;
    expect(top).toEqual({ publications: [], offset: 3, epoch: expect.any(String) });
    const since = { offset: 1, epoch: top['epoch'] };
    expect(await post('/history', { channel: 'news.a', limit: -1, since })).toMatchObject({
      result: {
        publications: [
          { data: { n: 2 }, offset: 2 },
          { data: { n: 3 }, offset: 3 },
        ],
      },
    });
    expect(await post('/history', { channel: 'news.a', limit: 1, reverse: true })).toMatchObject({
      result: { publications: [{ data: { n: 3 }, offset: 3 }] },
    });
    expect(await post('/history', { channel: 'news.a', limit: 1, since: { offset: 1, epoch: 'x' } })).toMatchObject({
      error: { code: 112 },
    });
    expect(await post('/presence_stats', { channel: 'news.a' })).toMatchObject({
      result: { num_clients: 1, num_users: 1 },
    });
    for (const [pattern, names] of [
      ['', ['news.a']],
      ['news.*', ['news.a']],
      ['*a', ['news.a']],
      ['b*', []],
    ] as const) {
      const { result } = (await post('/channels', { pattern })) as { result: { channels: Json } };
      expect(result.channels).toEqual(Object.fromEntries(names.map((name) => [name, { num_clients: 1 }])));
    }
    expect(await post('/info', {})).toEqual({
      status: 200,
      result: {
        nodes: [
          {
            uid: expect.any(String),
            name: expect.any(String),
            version: 'tickwire',
            uptime: expect.any(Number),
            num_clients: 1,
            num_users: 1,
            num_channels: expect.any(Number),
            num_subs: 1,
          },
        ],
      },
    });
  });

  it('[G192] disconnect closes the connections of a user, or one of them', async () => {
    const { client: one, id } = await follow('news.a');
    const { client: two } = await follow('news.a');
    using _one = one;
    using _two = two;
    expect(await post('/disconnect', { user: 'somebody else' })).toEqual({ status: 200, result: {} });
    await post('/disconnect', { user: '', client: id, disconnect: { code: 3503, reason: 'go' } });
    expect(await one.closed).toMatchObject({ code: 3503 });
    expect((await two.call({ ping: {} }))['ping']).toEqual({});
    await post('/disconnect', { user: '', whitelist: [id] });
    expect(await two.closed).toMatchObject({ code: 3503 });
    expect(await post('/presence_stats', { channel: 'news.a' })).toMatchObject({ result: { num_clients: 0 } });
  });

  it.each<[string, unknown, number, RegExp]>([
    ['/publish', { channel: '', data: 1 }, 107, /channel/],
    ['/publish', { data: 1 }, 107, /channel/],
    ['/publish', { channel: 'a b', data: 1 }, 102, /must be 1 to 99 letters/],
    ['/publish', { channel: 'ab', data: 1 }, 102, /CHANNELS/],
    ['/publish', { channel: 'tickwire.fleet', data: 1 }, 102, /CHANNELS/],
    ['/publish', { channel: 'ticker.sim.BTC-USD', data: 1 }, 103, /producer/],
    ['/publish', { channel: 'ticker.mine.BTC-USD', data: { last: -1 } }, 107, /last/],
    ['/publish', { channel: 'news.a', data: 1, tags: { a: 'b' }, skip_history: true }, 108, /skip_history, tags/],
    ['/publish', { channel: 'news.a', b64data: 'AA==' }, 108, /b64data/],
    ['/publish', { channel: 'news.a', data: { t: '\ud800' } }, 107, /./],
    ['/publish', { channel: 'news.a', data: 1, idempotencyKey: 'k' }, 107, /did you mean idempotency_key/],
    ['/publish', { channel: 'news.a', data: 1, ttl: 60 }, 107, /^bad request: ttl is unknown$/],
    ['/broadcast', { channels: [], data: 1 }, 107, /channels/],
    ['/broadcast', { channels: ['news.a'], data: 1, idempotence_key: 'k' }, 107, /idempotency_key/],
    ['/broadcast', { channels: Array(21).fill('news.a'), data: 1 }, 106, /limit/],
    ['/batch', { commands: 5 }, 107, /commands/],
    ['/batch', { commands: Array(21).fill({ info: {} }) }, 106, /limit/],
    ['/batch', { commands: [{ publish: { channel: 'news.a', data: 1 }, info: {} }] }, 107, /one method/],
    ['/history', { channel: 'nowhere' }, 102, /unknown channel/],
    ['/history', { channel: 'news.a', limits: 5 }, 107, /did you mean limit/],
    ['/history', { channel: 'news.a', since: { ofset: 5, epoch: 'x' } }, 107, /ofset/],
    ['', { method: 'publish', params: { channel: 'news.a', data: 1, idempotencyKey: 'k' } }, 107, /idempotency_key/],
    ['/history', { channel: 'news.a', limit: 'x' }, 107, /limit/],
    ['/history', [], 107, /./],
    ['/disconnect', {}, 107, /user/],
    ['/disconnect', { user: 'x', disconnect: { code: 4000, reason: '' } }, 108, /3503/],
    ['/subscribe', { channel: 'news.a', user: 'x' }, 108, /not available/],
    ['/presence', { channel: 'news.a' }, 108, /not available/],
    ['', { method: '__proto__', params: {} }, 104, /method not found/],
    ['', { method: 5 }, 107, /./],
  ])('[G193] POST /api%s with %j is error %d', async (path, body, code, message) => {
    expect(await post(path, body)).toEqual({
      status: 200,
      error: { code, message: expect.stringMatching(message) },
    });
    expect((await served.history.newest(['news.a'], 1))[0]?.position).toBeNull();
  });

  it('[G193] what is not set, and how Centrifugo would send it, is not mistaken for a part of the request', async () => {
    const asSent = { channel: 'news.a', data: 1, delta: true, ttl: null, meta: {}, version: 0 };
    expect(await post('/publish', asSent)).toMatchObject({ status: 200, result: { offset: 1 } });
  });

  it('[G197] the header Idempotency-Key is the key of what has none of its own', async () => {
    const keyed = { 'X-API-Key': apiKey, 'Idempotency-Key': 'k' };
    const first = await post('/publish', { channel: 'news.a', data: 1 }, keyed);
    expect(first).toMatchObject({ status: 200, result: { offset: 1 } });
    expect(await post('/publish', { channel: 'news.a', data: 1 }, keyed)).toEqual(first);
    expect(await post('/publish', { channel: 'news.a', data: 1, idempotency_key: 'k' }, keyed)).toEqual(first);
    expect(await post('/publish', { channel: 'news.a', data: 2 }, keyed)).toMatchObject({ error: { code: 107 } });
    const broadcast = { channels: ['news.b'], data: 1 };
    const once = await post('/broadcast', broadcast, keyed);
    expect(await post('/broadcast', broadcast, keyed)).toEqual(once);

    const two = await post('/publish', { channel: 'news.a', data: 1, idempotency_key: 'other' }, keyed);
    expect(two).toMatchObject({ status: 400, detail: expect.stringContaining('two') });
    for (const [path, body] of [
      ['/batch', { commands: [{ publish: { channel: 'news.a', data: 1 } }] }],
      ['', { method: 'publish', params: { channel: 'news.a', data: 1 } }],
    ] as const) {
      const answer = await post(path, body, keyed);
      expect(answer).toMatchObject({ status: 400, detail: expect.stringContaining('idempotency_key') });
    }
    expect((await served.history.newest(['news.a'], 9))[0]?.position?.seq).toBe(1);
  });

  it('[G193] without the key, without JSON and with too much of it the status says so', async () => {
    for (const path of ['/publish', '/info', '/batch', '']) {
      expect(await post(path, {}, {})).toMatchObject({ status: 401 });
      expect(await post(path, '{')).toMatchObject({ status: 400 });
      expect(await post(path, 'x', { 'X-API-Key': apiKey, 'Content-Type': 'text/plain' })).toMatchObject({
        status: 415,
      });
    }
    expect(await post('/publish', { channel: 'news.a', data: 'x'.repeat(70_000) })).toMatchObject({ status: 413 });
    expect((await fetch(`${served.url}/api/info`)).headers.get('allow')).toBe('POST');
    expect((await fetch(`${served.url}/api/history`, { method: 'PUT' })).headers.get('allow')).toBe('GET, HEAD, POST');
  });

  it('[G193] Redis out of reach is error 100, and the publication is not lost in silence', async () => {
    await post('/publish', { channel: 'news.a', data: 1 });
    isBroken = true;
    expect(await post('/history', { channel: 'news.a', limit: 1 })).toEqual({
      status: 200,
      error: { code: 100, message: 'internal server error' },
    });
  });
});
