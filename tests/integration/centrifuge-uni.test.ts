import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type CentrifugeClient, openCentrifuge } from '../support/centrifuge-client.js';
import { type HttpStream, type HttpStreamOptions, openHttpStream } from '../support/http-stream.js';
import { firstEpoch, type MemoryGateway, startMemoryGateway } from '../support/memory-gateway.js';
import { waitFor } from '../support/wait-for.js';

type Fields = Readonly<Record<string, unknown>>;

const btc = 'trade.sim.BTC-USD';
const eth = 'trade.sim.ETH-USD';

const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);

describe('one-way streams over HTTP', () => {
  let server: MemoryGateway;
  let streams: HttpStream[];

  const open = async (path: string, options?: HttpStreamOptions): Promise<HttpStream> => {
    const stream = await openHttpStream(`${server.url}/connection/${path}`, options);
    streams.push(stream);
    return stream;
  };

  const restart = async (options: Parameters<typeof startMemoryGateway>[0]): Promise<void> => {
    await server[Symbol.asyncDispose]();
    server = await startMemoryGateway(options);
  };

  const publishMany = async (channel: string, count: number): Promise<void> => {
    for (let i = 0; i < count; i += 1) await server.publish(channel, { price: '1.10' });
  };

  const connectOf = (subs: object): string => `cf_connect=${encodeURIComponent(JSON.stringify({ subs }))}`;

  const subsOf = async (stream: HttpStream): Promise<Record<string, Fields>> =>
    ((await stream.first('connect'))['connect'] as { subs: Record<string, Fields> }).subs;

  /** Clients of the channel, as another client sees them. */
  const numClients = async (client: CentrifugeClient): Promise<number> => {
    const reply = await client.call({ presence_stats: { channel: btc } });
    return Number((reply['presence_stats'] as Fields)['num_clients']);
  };

  beforeEach(async () => {
    streams = [];
    server = await startMemoryGateway();
  });
  afterEach(async () => {
    for (const stream of streams) await stream[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  it('[US1] server-sent events: connect first, then every publication, once, in order', async () => {
    await publishMany(btc, 3);
    const stream = await open(`uni_sse?${connectOf({ [btc]: {} })}`);
    expect(stream.status).toBe(200);
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    await stream.first('connect');
    await publishMany(btc, 50);
    await waitFor('50', () => stream.pubs(btc).length >= 50);
    expect(stream.pushes[0]?.push).toEqual({
      connect: {
        client: expect.any(String),
        version: 'tickwire',
        node: expect.any(String),
        data: { gateway: expect.any(String) },
        ping: 25,
        subs: { [btc]: { recoverable: true, positioned: true, epoch: firstEpoch, offset: 3 } },
      },
    });
    expect(stream.offsets(btc)).toEqual(range(4, 53));
    expect(stream.pushes[1]?.push).toEqual({
      channel: btc,
      pub: { data: { type: 'price.trade', price: '1.10', seq: 4, epoch: firstEpoch, pts: 1 }, offset: 4 },
    });
  });

  it.each(['GET', 'POST'] as const)('[US1] lines: the same, with %s', async (method) => {
    await publishMany(btc, 3);
    const subs = { [btc]: { recover: true, epoch: firstEpoch, offset: 1 } };
    const stream =
      method === 'GET'
        ? await open(`uni_http_stream?${connectOf(subs)}`)
        : await open('uni_http_stream', { method, body: JSON.stringify({ subs }) });
    expect(stream.headers['content-type']).toBe('application/x-ndjson; charset=utf-8');
    expect((await subsOf(stream))[btc]).toMatchObject({ was_recovering: true, recovered: true, offset: 1 });
    await publishMany(btc, 20);
    await waitFor('all', () => stream.pubs(btc).length >= 22);
    expect(stream.offsets(btc)).toEqual(range(2, 23));
  });

  it('[US1] pings are empty pushes', async () => {
    await restart({ env: { PING_MS: '300' } });
    for (const path of ['uni_sse', 'uni_http_stream']) {
      const stream = await open(`${path}?channel=${btc}`);
      await waitFor('two pings', () => stream.pushes.filter(({ push }) => Object.keys(push).length === 0).length >= 2);
    }
  });

  it('[G151] every event has data: the time to wait is part of the first one, an id between others of an empty push', async () => {
    const stream = await open(`uni_sse?channel=${btc}&channel=${eth}`);
    await waitFor('an id', () => stream.lastEventId() !== '');
    await publishMany(eth, 1);
    await waitFor('the id behind it', () => /:1$/.test(stream.lastEventId()));
    const blocks = stream.text().split('\n\n').slice(0, -1);
    expect(blocks[0]).toMatch(/^retry: \d+\nid: .+\ndata: \{"connect":/);
    for (const block of blocks) expect(block).toMatch(/^data: \{/m);
    expect(blocks.at(-1)).toMatch(/^id: .+\ndata: \{\}$/);
  });

  it('[US1] HEAD does not stream', async () => {
    expect((await open(`uni_sse?channel=${btc}`, { method: 'HEAD' })).status).toBe(204);
  });

  it.each([
    [`channels=${btc}`, 'channels is unknown: did you mean channel?'],
    [`channel=${btc}&last=1&last=2`, 'last is given more than once'],
    [connectOf({ [btc]: { data: { intervall: 100 } } }), 'data: intervall is unknown: did you mean interval?'],
  ])('[G210] no parameter is ignored: %s', async (query, reason) => {
    const stream = await open(`uni_sse?${query}`);
    await waitFor('the refusal', () => stream.text().includes(reason));
  });

  it('[US2] ?channel= begins with the newest publication of each, or as many as ?last= says', async () => {
    await publishMany(btc, 9);
    await publishMany(eth, 5);
    const one = await open(`uni_sse?channel=${btc}&channel=${eth}`);
    await waitFor('both', () => one.pubs(btc).length > 0 && one.pubs(eth).length > 0);
    expect([one.offsets(btc), one.offsets(eth)]).toEqual([[9], [5]]);
    const other = await open(`uni_sse?channel=${btc}&last=4`);
    await waitFor('four', () => other.pubs(btc).length >= 4);
    expect(other.offsets(btc)).toEqual([6, 7, 8, 9]);
  });

  it('[US2] an interval, by parameter and by data', async () => {
    const paths = [
      `uni_sse?channel=${btc}&interval=100`,
      `uni_sse?${connectOf({ [btc]: { data: { interval: 100 } } })}`,
    ];
    const opened = await Promise.all(paths.map((path) => open(path)));
    await Promise.all(opened.map((stream) => stream.first('connect')));
    const beganMs = performance.now();
    let last = 0;
    await waitFor('four of them on each', async () => {
      last = await server.publish(btc);
      return opened.every((stream) => stream.offsets(btc).length >= 4);
    });
    for (const stream of opened) {
      await waitFor('the last', () => stream.offsets(btc).at(-1) === last);
      const intervals = (performance.now() - beganMs) / 100;
      expect(stream.offsets(btc).length).toBeLessThan(intervals + 3);
    }
  });

  it('[US3] with one channel, Last-Event-ID brings everything behind it and nothing twice', async () => {
    await publishMany(btc, 5);
    const url = `uni_sse?channel=${btc}`;
    const seen: number[] = [];
    let lastEventId = '';
    for (let round = 0; round < 6; round += 1) {
      const stream = await open(url, { lastEventId });
      await stream.first('connect');
      await publishMany(btc, round * 3);
      const top = 5 + (3 * round * (round + 1)) / 2 + round * 400;
      await waitFor('the newest', () => round === 0 || stream.offsets(btc).at(-1) === top);
      if (round > 0) expect((await subsOf(stream))[btc]).toMatchObject({ was_recovering: true, recovered: true });
      seen.push(...stream.offsets(btc));
      lastEventId = stream.lastEventId();
      await stream[Symbol.asyncDispose]();
      // More than is kept in memory.
      await publishMany(btc, 400);
    }
    expect(seen).toEqual(range(5, seen.length + 4));
  });

  it('[US3] cut off before its first publication, it misses nothing', async () => {
    await publishMany(btc, 5);
    const first = await open(`uni_sse?${connectOf({ [btc]: {} })}`);
    await first.first('connect');
    const lastEventId = first.lastEventId();
    await first[Symbol.asyncDispose]();
    await publishMany(btc, 3);
    const second = await open(`uni_sse?${connectOf({ [btc]: {} })}`, { lastEventId });
    await waitFor('three', () => second.pubs(btc).length >= 3);
    expect(second.offsets(btc)).toEqual([6, 7, 8]);
  });

  it('[US4] with several channels, everything behind the last id comes, and what comes twice has its offset', async () => {
    await restart({ env: { PING_MS: '100' } });
    await publishMany(btc, 5);
    await publishMany(eth, 7);
    const url = `uni_sse?channel=${eth}&channel=${btc}`;
    const seen: Record<string, Set<number>> = { [btc]: new Set(), [eth]: new Set() };
    let lastEventId = '';
    let repeated = 0;
    for (let round = 0; round < 8; round += 1) {
      const stream = await open(url, { lastEventId });
      const subs = await subsOf(stream);
      for (const channel of [btc, eth]) {
        if (round > 0) expect(subs[channel]).toMatchObject({ was_recovering: true, recovered: true });
      }
      await Promise.all([publishMany(btc, 20), publishMany(eth, 9)]);
      // In some rounds long enough for an id behind all of it, in others not.
      const before = stream.lastEventId();
      if (round % 2 === 0) await waitFor('an id', () => stream.lastEventId() !== before);
      await waitFor('the rest', () => stream.offsets(btc).at(-1) === 5 + 20 * (round + 1) + 3 * round);
      await waitFor('the rest', () => stream.offsets(eth).at(-1) === 7 + 9 * (round + 1));
      for (const channel of [btc, eth] as const) {
        for (const offset of stream.offsets(channel)) {
          if (seen[channel]?.has(offset)) repeated += 1;
          seen[channel]?.add(offset);
        }
      }
      lastEventId = stream.lastEventId();
      await stream[Symbol.asyncDispose]();
      await publishMany(btc, 3);
    }
    expect([...(seen[btc] ?? [])]).toEqual(range(5, 5 + 20 * 8 + 3 * 7));
    expect([...(seen[eth] ?? [])]).toEqual(range(7, 7 + 9 * 8));
    expect(repeated).toBeLessThan(150);
  });

  it('[US4] a quiet stream receives its id once', async () => {
    await restart({ env: { PING_MS: '100' } });
    await publishMany(btc, 5);
    const stream = await open(`uni_sse?channel=${btc}&channel=${eth}`);
    await waitFor('five pings', () => stream.pushes.filter(({ push }) => Object.keys(push).length === 0).length >= 5);
    // One with connect, one behind the snapshot.
    expect(stream.text().match(/^id: /gm)?.length).toBe(2);
  });

  it.each([
    ['of other channels', (id: string) => id.replace(/^\w+/, 'abc')],
    ['that is none', () => 'nonsense'],
    ['of an epoch that is over', (id: string) => id.replace(firstEpoch, 'e0')],
    ['that is half an id', (id: string) => id.slice(0, -2)],
  ])('[US5] an id %s is a recovery that failed', async (_what, change) => {
    await publishMany(btc, 5);
    await publishMany(eth, 5);
    const url = `uni_sse?${connectOf({ [btc]: { data: { last: 2 } }, [eth]: {} })}`;
    const first = await open(url);
    await waitFor('an id', () => first.lastEventId().split(',').length === 3);
    await publishMany(btc, 5);
    const stream = await open(url, { lastEventId: change(first.lastEventId()) });
    const subs = await subsOf(stream);
    expect(subs[btc]).toMatchObject({ was_recovering: true });
    expect(subs[btc]).not.toHaveProperty('recovered');
    await waitFor('the newest two', () => stream.pubs(btc).length >= 2);
    expect(stream.offsets(btc)).toEqual([9, 10]);
  });

  it('[US6] a loss is unsubscribe and subscribe, and its id is behind it', async () => {
    await publishMany(btc, 5);
    const url = `uni_sse?channel=${btc}`;
    const stream = await open(url);
    await stream.first('connect');
    await server.reset(btc, 'e2');
    await publishMany(btc, 3);
    await stream.first('subscribe');
    const reported = stream.pushes.filter(({ push }) => push['pub'] === undefined).slice(1);
    expect(reported.map(({ push }) => push)).toEqual([
      { channel: btc, unsubscribe: { code: 2500, reason: 'insufficient state' } },
      { channel: btc, subscribe: { recoverable: true, positioned: true, epoch: 'e2', offset: expect.any(Number) } },
    ]);
    const from = Number((reported[1]?.push['subscribe'] as Fields | undefined)?.['offset']);
    await publishMany(btc, 2);
    await waitFor('the rest', () => stream.offsets(btc).at(-1) === 5);
    expect(stream.offsets(btc).slice(-(5 - from))).toEqual(range(from + 1, 5));
    const again = await open(url, { lastEventId: stream.lastEventId() });
    expect((await subsOf(again))[btc]).toMatchObject({ recovered: true, epoch: 'e2', offset: 5 });
  });

  it.each([
    ['', 400, 107],
    ['cf_connect=%7B', 400, 107],
    ['cf_connect=%5B%5D', 400, 107],
    ['channel=', 400, 107],
    ['channel=nonsense', 404, 102],
    ['channel=trade.sim.NO-SUCH', 404, 102],
    [`channel=${btc}&interval=5`, 400, 107],
    [`channel=${btc}&last=x`, 400, 107],
  ])('[US7] ?%s is status %d with error %d', async (query, status, code) => {
    for (const path of ['uni_sse', 'uni_http_stream']) {
      const response = await fetch(`${server.url}/connection/${path}?${query}`);
      expect(response.status).toBe(status);
      expect(await response.json()).toMatchObject({ error: { code, message: expect.any(String) } });
    }
  });

  it('[US7] too many channels, and a body that is too large', async () => {
    await restart({ env: { MAX_CHANNELS: '1', MAX_PAYLOAD_BYTES: '128' } });
    const many = await fetch(`${server.url}/connection/uni_sse?channel=${btc}&channel=${eth}`);
    expect([many.status, await many.json()]).toMatchObject([400, { error: { code: 106 } }]);
    const body = 'x'.repeat(500);
    const large = await fetch(`${server.url}/connection/uni_http_stream`, { method: 'POST', body });
    expect([large.status, await large.json()]).toMatchObject([413, { error: { code: 107 } }]);
  });

  it('[US7] a history that fails: 503, or for SSE a stream that ends, so that it reconnects', async () => {
    let isDown = false;
    await restart({
      onRead: () => {
        if (isDown) throw new Error('made to fail');
      },
    });
    isDown = true;
    const lines = await fetch(`${server.url}/connection/uni_http_stream?channel=${btc}`);
    expect([lines.status, lines.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await lines.json()).toMatchObject({ error: { code: 100, temporary: true } });
    const stream = await open(`uni_sse?channel=${btc}`);
    await waitFor('the end', stream.hasEnded);
    expect(stream.status).toBe(200);
    expect(stream.pushes.map(({ push }) => push)).toEqual([
      { disconnect: { code: 3004, reason: 'internal server error' } },
    ]);
    expect(stream.retryMs()).toBeGreaterThanOrEqual(500);
    isDown = false;
    await (await open(`uni_sse?channel=${btc}`)).first('connect');
  });

  it('[US8] a gateway that leaves says so', async () => {
    const [sse, lines] = [await open(`uni_sse?channel=${btc}`), await open(`uni_http_stream?channel=${btc}`)];
    await Promise.all([sse.first('connect'), lines.first('connect')]);
    await server.gateway.close();
    for (const stream of [sse, lines]) {
      await waitFor('the end', stream.hasEnded);
      expect(stream.pushes.at(-1)?.push).toEqual({ disconnect: { code: 3001, reason: 'shutdown' } });
    }
  });

  it('[US8] a client that leaves is counted no more', async () => {
    using client = await openCentrifuge(server.url);
    await client.connect();
    const stream = await open(`uni_sse?channel=${btc}`);
    await stream.first('connect');
    expect(await numClients(client)).toBe(1);
    await stream[Symbol.asyncDispose]();
    await waitFor('nobody', async () => (await numClients(client)) === 0);
  });

  it('[US9] a client that does not read is conflated; what it reconnects with loses nothing', async () => {
    await restart({ env: { PING_MS: '100', MAX_OUTBOX_BYTES: '16384' } });
    await publishMany(btc, 1);
    await publishMany(eth, 1);
    const url = `uni_sse?channel=${btc}&channel=${eth}`;
    const stream = await open(url);
    await stream.first('connect');
    await waitFor('an id', () => stream.lastEventId() !== '');
    stream.pause();
    const padding = 'x'.repeat(4_000);
    for (let i = 0; i < 4_000; i += 1) await server.publish(btc, { padding });
    await server.publish(eth, { last: true });
    stream.resume();
    await waitFor('the newest of both', () => stream.offsets(btc).at(-1) === 4_001 && stream.offsets(eth).at(-1) === 2);
    let last = 0;
    for (const { offset, tags } of stream.pubs(btc)) {
      const skipped = Number(((tags ?? {}) as Fields)['skipped'] ?? 0);
      expect({ offset, skipped }).toEqual({ offset, skipped: Number(offset) - last - 1 });
      last = Number(offset);
    }
    expect(stream.text()).toContain('"skipped"');
    // Wherever it is cut off, the id it had then leads back to before what it had not.
    const had: Record<string, number> = { [btc]: 0, [eth]: 0 };
    for (const { push, id } of stream.pushes) {
      const channel = push['channel'] as string | undefined;
      const pub = push['pub'] as Fields | undefined;
      const [, first, second] = id.split(',');
      if (first !== undefined && second !== undefined && channel !== undefined) {
        expect(Number(first.split(':')[1])).toBeLessThanOrEqual(Math.max(had[btc] ?? 0, 1));
        expect(Number(second.split(':')[1])).toBeLessThanOrEqual(Math.max(had[eth] ?? 0, 1));
      }
      if (channel !== undefined && pub !== undefined) had[channel] = Number(pub['offset']);
    }
  });
});
