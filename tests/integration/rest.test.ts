import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import type { MarketMessage } from '@tickwire/protocol';
import { Ajv } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { firstEpoch, type MemoryGateway, sampleBar, startMemoryGateway } from '../support/memory-gateway.js';
import { connectPlain } from '../support/plain-client.js';
import { openRaw } from '../support/raw-request.js';
import { waitFor } from '../support/wait-for.js';

const require = createRequire(import.meta.url);
const trades = 'trade.sim.BTC-USD';
const tickers = 'ticker.sim.BTC-USD';
const apiKey = 'correct horse battery';

type Json = Readonly<Record<string, unknown>>;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

/** Each schema is used a few times: to compile it costs more. */
const quickly = { inlineRefs: false, code: { optimize: false } } as const;

const ajvFor = (document: Json): Ajv2020 => {
  const ajv = new Ajv2020({ strict: false, ...quickly });
  addFormats.default(ajv);
  return ajv.addSchema({ ...document, $id: 'document' });
};

describe('the REST API', () => {
  let served: MemoryGateway;
  let isBroken = false;
  let gate: Promise<void> | undefined;
  let reads = 0;

  const start = async (env: Readonly<Record<string, string>> = { API_KEY: apiKey }): Promise<void> => {
    await served?.[Symbol.asyncDispose]();
    served = await startMemoryGateway({
      env,
      historySize: 50,
      onRead: async () => {
        if (isBroken) throw new Error('Redis is out of reach');
        reads += 1;
        await gate;
      },
    });
  };
  beforeEach(() => start());
  afterEach(async () => {
    isBroken = false;
    gate = undefined;
    await served[Symbol.asyncDispose]();
  });

  const ask = async (path: string, init: RequestInit = {}): Promise<Answer> => {
    const response = await fetch(served.url + path, init);
    return { status: response.status, headers: response.headers, body: (await response.json()) as Json };
  };
  const publish = (body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
    ask('/api/publish', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-API-Key': apiKey, ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const trade = (id: number): Promise<number> =>
    served.publish(trades, {
      venue: 'sim',
      symbol: 'BTC-USD',
      ts: 5,
      rts: 6,
      id: String(id),
      price: '1.50',
      size: '2',
      side: 'buy',
    });

  const historyOf = async (query: string): Promise<Json> => (await ask(`/api/history?channel=${trades}${query}`)).body;
  const seqs = (body: Json): number[] => (body['messages'] as Json[]).map(({ seq }) => Number(seq));

  /** Validates against a schema of the document the gateway serves. */
  const validatorOf = async (path: string) => {
    const { body } = await ask(path);
    const ajv = ajvFor(body);
    return (name: string, value: unknown): unknown => {
      const validate = ajv.compile({ $ref: `document#/components/schemas/${name}` });
      validate(value);
      return validate.errors ?? 'valid';
    };
  };

  it('[G60] a snapshot: many channels in one reply, each with position and age', async () => {
    for (let id = 1; id <= 3; id += 1) await trade(id);
    await served.publish(tickers, { type: 'price.ticker', venue: 'sim', symbol: 'BTC-USD', ts: 1, rts: 2, last: '7' });
    const before = Date.now();
    const { status, headers, body } = await ask(
      `/api/snapshot?channels=${trades},bar-1s.sim.BTC-USD,${tickers},${trades}`,
    );
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(Number(body['at'])).toBeGreaterThanOrEqual(before);
    const ageMs = Number(body['at']) - 1;
    expect(body['channels']).toEqual([
      {
        channel: trades,
        position: { epoch: firstEpoch, seq: 3 },
        ageMs,
        message: expect.objectContaining({ id: '3' }),
      },
      { channel: 'bar-1s.sim.BTC-USD', position: null, ageMs: null, message: null },
      {
        channel: tickers,
        position: { epoch: firstEpoch, seq: 1 },
        ageMs,
        message: expect.objectContaining({ last: '7' }),
      },
    ]);
    expect((await validatorOf('/api/openapi.json'))('Snapshot', body)).toBe('valid');
  });

  it('[GL39] channels named again and again all count', async () => {
    await trade(1);
    const { body } = await ask(`/api/snapshot?channels=${trades}&channels=${tickers},${trades}`);
    expect((body['channels'] as Json[]).map(({ channel }) => channel)).toEqual([trades, tickers]);
    using client = await connectPlain(`${served.url}/ws/prediction/?channels=${tickers}&channels=${trades}`);
    await client.until('the trade', ({ channel }) => channel === trades);
  });

  it.each([
    [`/api/history?channel=${trades}&limit=1000`, 503, '"type":"urn:tickwire:problem:busy"'],
    [`/api/snapshot?channels=${trades}`, 503, '"type":"urn:tickwire:problem:busy"'],
    ['/api/v3/trades?symbol=BTCUSD', 429, '"code":-1003'],
    ['/api/v3/exchangeInfo', 429, '"code":-1003'],
  ])(
    '[GL37] [GL51] of %s those beyond 64 of one address get %d with Retry-After, the others are answered',
    async (path, status, text) => {
      await start({ TRUST_PROXY: '1' });
      for (let id = 1; id <= 50; id += 1) await trade(id);
      let open: () => void = () => {};
      gate = new Promise((resolve) => {
        open = resolve;
      });
      const raws = await Promise.all(Array.from({ length: 100 }, () => openRaw(served.gateway.port)));
      // Those of another address, which hold every turn.
      const other = { headers: { 'X-Forwarded-For': '198.51.100.7' } };
      reads = 0;
      const held = [1, 2, 3, 4].map((limit) =>
        fetch(`${served.url}/api/v3/trades?symbol=BTCUSD&limit=${limit}`, other),
      );
      await waitFor('all turns to be taken', () => reads === 4);
      for (const raw of raws) raw.send(`GET ${path} HTTP/1.1\r\nHost: gateway\r\n\r\n`);
      const answered = (code: number) => raws.filter((raw) => raw.received().startsWith(`HTTP/1.1 ${code}`));
      await waitFor('those beyond 64 to be rejected', () => answered(status).length === 36);
      const [refused] = answered(status);
      expect(refused?.received()).toContain('Retry-After: 1\r\n');
      expect(refused?.received()).toContain(text);
      open();
      await waitFor('the others', () => answered(200).length === 64);
      for (const raw of raws) raw[Symbol.dispose]();
      await Promise.all(held);
      const { body } = await ask(`/api/history?channel=${trades}&limit=1000`);
      expect((body['messages'] as Json[]).length).toBe(50);
      const metrics = await (await fetch(`${served.url}/metrics`)).text();
      expect(metrics).toContain(`tickwire_refusals_total{reason="reads"} 36`);
    },
  );

  it('[G61] history: the newest, or what came after a position, and whether anything is missing', async () => {
    for (let id = 1; id <= 120; id += 1) await trade(id);
    const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);

    const newest = await historyOf('&limit=5');
    expect(newest).toMatchObject({ channel: trades, position: { epoch: firstEpoch, seq: 120 }, more: false });
    expect(newest).not.toHaveProperty('recovered');
    expect(seqs(newest)).toEqual(range(116, 120));

    const page = await historyOf(`&since=${firstEpoch}:90&limit=20`);
    expect(page).toMatchObject({ recovered: true, more: true });
    expect(seqs(page)).toEqual(range(91, 110));
    const last = await historyOf(`&since=${firstEpoch}:110&limit=20`);
    expect(last).toMatchObject({ recovered: true, more: false });
    expect(seqs(last)).toEqual(range(111, 120));
    expect(await historyOf(`&since=${firstEpoch}:120`)).toMatchObject({ recovered: true, messages: [], more: false });

    for (const since of [`${firstEpoch}:3`, `${firstEpoch}:121`, 'another:115']) {
      const lost = await historyOf(`&since=${since}&limit=2`);
      expect(lost).toMatchObject({ recovered: false, more: false });
      expect(seqs(lost)).toEqual([119, 120]);
    }
    const empty = (await ask('/api/history?channel=bar-1m.sim.BTC-USD&since=x:1')).body;
    expect(empty).toMatchObject({ recovered: false, position: null, messages: [], more: false });
    const isValid = await validatorOf('/api/openapi.json');
    for (const body of [newest, page, empty]) expect(isValid('History', body)).toBe('valid');
  });

  it('[G251] history before a position, page by page, as far as it is kept', async () => {
    for (let id = 1; id <= 120; id += 1) await trade(id);
    const kept = seqs(await historyOf('&limit=1000'));

    const page = await historyOf(`&before=${firstEpoch}:110&limit=20`);
    expect(page).toMatchObject({ recovered: true, position: { epoch: firstEpoch, seq: 120 }, more: true });
    expect(seqs(page)).toEqual(Array.from({ length: 20 }, (_, i) => 90 + i));
    expect(seqs(await historyOf(`&before=${firstEpoch}:121&limit=1`))).toEqual([120]);
    const oldest = await historyOf(`&before=${firstEpoch}:${(kept[0] ?? 0) + 3}&limit=20`);
    expect(oldest).toMatchObject({ recovered: true, more: false });
    expect(seqs(oldest)).toEqual(kept.slice(0, 3));
    expect(await historyOf(`&before=${firstEpoch}:1`)).toMatchObject({ recovered: true, messages: [], more: false });

    for (const before of [`${firstEpoch}:122`, 'another:115']) {
      const lost = await historyOf(`&before=${before}&limit=2`);
      expect(lost).toMatchObject({ recovered: false, more: false });
      expect(seqs(lost)).toEqual([119, 120]);
    }
    const isValid = await validatorOf('/api/openapi.json');
    for (const body of [page, oldest]) expect(isValid('History', body)).toBe('valid');
    const both = await ask(`/api/history?channel=${trades}&before=e:2&since=e:1`);
    expect(both).toMatchObject({ status: 400, body: { detail: 'since and before cannot be given together' } });
  });

  it.each([
    ['history?channel=trade.sim.BTC-USD&last=2', 'last is unknown: there are channel, limit, since, before'],
    ['history?channel=trade.sim.BTC-USD&lmit=2', 'lmit is unknown: did you mean limit?'],
    ['history?channel=trade.sim.BTC-USD&limit=2&limit=3', 'limit is given more than once'],
    ['snapshot?channel=trade.sim.BTC-USD', 'channel is unknown: did you mean channels?'],
    ['symbols?venue=sim', 'venue is unknown: there are none'],
  ])('[G210] no parameter is ignored: %s', async (path, detail) => {
    expect(await ask(`/api/${path}`)).toMatchObject({ status: 400, body: { detail } });
  });

  it('[G62] publishing reaches clients, and a Django layer, as a group send', async () => {
    const heard: unknown[] = [];
    const stop = await served.layer.groupListen(tickers, (message) => void heard.push(message));
    using client = await connectPlain(`${served.url}/ws/prediction/?channels=${tickers}&last=0`);
    const message = { type: 'price.alert', text: 'é💥', level: 61_000.5, nested: { list: [1, null, true] } };
    await waitFor('the subscription', async () => {
      const { status, body } = await publish({ channel: tickers, message });
      expect([status, body]).toEqual([200, { channel: tickers, replayed: false }]);
      return client.messages.length > 0;
    });
    expect(client.messages[0]).toEqual({ channel: tickers, ...message });
    expect(heard[0]).toEqual(message);
    await stop();
    expect((await validatorOf('/api/openapi.json'))('Published', { channel: tickers, replayed: false })).toBe('valid');
  });

  it('[G62] without API_KEY it is off; with it nobody else gets through', async () => {
    const message = { channel: tickers, message: { type: 'x' } };
    for (const wrong of ['', 'wrong', `${apiKey}x`]) {
      const { status, headers, body } = await publish(message, { 'X-API-Key': wrong });
      expect([status, body['type']]).toEqual([401, 'urn:tickwire:problem:unauthorized']);
      expect(headers.get('www-authenticate')).toBe('Bearer');
    }
    const large = await publish({ ...message, x: 'x'.repeat(70_000) });
    expect(large.status).toBe(413);
    const metrics = await (await fetch(`${served.url}/metrics`)).text();
    expect(metrics).toContain('tickwire_refusals_total{reason="api-key"} 3');
    expect(metrics).toContain('tickwire_refusals_total{reason="payload"} 1');
    expect((await publish(message)).status).toBe(200);
    await start({});
    expect(await publish(message)).toMatchObject({
      status: 403,
      body: { type: 'urn:tickwire:problem:publishing-off' },
    });
  });

  it('[G63] an idempotency key publishes once', async () => {
    const heard: unknown[] = [];
    const stop = await served.layer.groupListen(tickers, (message) => void heard.push(message));
    const message = { channel: tickers, message: { type: 'x', n: 1 } };
    const headers = { 'Idempotency-Key': 'order-17' };
    expect((await publish(message, headers)).body).toEqual({ channel: tickers, replayed: false });
    expect((await publish(message, headers)).body).toEqual({ channel: tickers, replayed: true });
    const other = await publish({ channel: tickers, message: { type: 'x', n: 2 } }, headers);
    expect(other).toMatchObject({ status: 422, body: { type: 'urn:tickwire:problem:key-reused' } });
    expect((await publish(message, { 'Idempotency-Key': 'order-18' })).body['replayed']).toBe(false);
    await waitFor('two messages', () => heard.length === 2);
    await stop();
  });

  it.each<[string, number, string, RegExp]>([
    ['/api/nothing', 404, 'not-found', /openapi/],
    ['/api/snapshot', 400, 'bad-request', /^channels must name at least one/],
    ['/api/snapshot?channels=,', 400, 'bad-request', /^channels must name at least one/],
    [`/api/snapshot?channels=${trades},nope,trade.sim.NO-SUCH`, 404, 'unknown-channel', /unknown channel nope/],
    ['/api/history', 400, 'bad-request', /^channel must/],
    ['/api/history?channel=nope', 404, 'unknown-channel', /unknown channel nope/],
    [`/api/history?channel=${trades}&since=5`, 400, 'bad-request', /^since must be <epoch>:<seq>/],
    [`/api/history?channel=${trades}&since=e:99999999999999999999`, 400, 'bad-request', /^since must/],
    [`/api/history?channel=${trades}&limit=1001`, 400, 'bad-request', /^limit must be a whole number from 1 to 1000/],
    [`/api/history?channel=${trades}&limit=x`, 400, 'bad-request', /^limit must/],
    ['/api/publish', 405, 'method-not-allowed', /use POST/],
  ])('[G64] GET %s is problem %d %s', async (path, status, type, detail) => {
    const answer = await ask(path);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(answer).toMatchObject({ status, body: { type: `urn:tickwire:problem:${type}`, status } });
    expect(answer.body['detail']).toMatch(detail);
    expect((await validatorOf('/api/openapi.json'))('Problem', answer.body)).toBe('valid');
  });

  it.each<[string, string, number, string]>([
    ['no JSON', '{"channel":', 400, 'bad-request'],
    ['an array', '[]', 400, 'bad-request'],
    ['no message', '{"channel":"a"}', 400, 'bad-request'],
    ['a message without type', '{"channel":"a","message":{}}', 400, 'bad-request'],
    ['a type Channels refuses', '{"channel":"ticker.sim.BTC-USD","message":{"type":"_x"}}', 400, 'bad-request'],
    ['a bad group name', '{"channel":"a b","message":{"type":"x"}}', 400, 'bad-request'],
    ['the catalog', '{"channel":"catalog","message":{"type":"x"}}', 400, 'bad-request'],
    ['a position of its own', '{"channel":"a","message":{"type":"x","seq":1}}', 400, 'bad-request'],
    ['something more', '{"channel":"a","message":{"type":"x"},"more":1}', 400, 'bad-request'],
    [
      'half a surrogate pair',
      '{"channel":"ticker.sim.BTC-USD","message":{"type":"x","t":"\\ud800"}}',
      400,
      'bad-request',
    ],
    [
      'nesting without end',
      `{"channel":"ticker.sim.BTC-USD","message":{"type":"x","t":${'['.repeat(500)}${']'.repeat(500)}}}`,
      400,
      'bad-request',
    ],
    ['too much', `{"channel":"a","message":{"type":"${'x'.repeat(70_000)}"}}`, 413, 'too-large'],
  ])('[G64] publishing %s is a problem', async (_what, body, status, type) => {
    expect(await publish(body)).toMatchObject({ status, body: { type: `urn:tickwire:problem:${type}`, status } });
  });

  it('[G64] other methods, other types of content and bad keys are problems', async () => {
    const wrong = await ask('/api/snapshot', { method: 'DELETE' });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    const form = await publish('channel=a', { 'Content-Type': 'application/x-www-form-urlencoded' });
    expect(form).toMatchObject({ status: 415, body: { type: 'urn:tickwire:problem:not-json' } });
    const key = await publish({ channel: 'a', message: { type: 'x' } }, { 'Idempotency-Key': 'with blanks' });
    expect(key).toMatchObject({ status: 400, body: { detail: expect.stringContaining('Idempotency-Key') } });
  });

  it('[G64] Redis out of reach is 503', async () => {
    isBroken = true;
    for (const path of [`/api/snapshot?channels=${trades}`, `/api/history?channel=${trades}`]) {
      const { status, headers, body } = await ask(path);
      expect([status, headers.get('retry-after'), body['type']]).toEqual([
        503,
        '1',
        'urn:tickwire:problem:unavailable',
      ]);
    }
  });

  it('[G65] the OpenAPI 3.1 document is valid, names every path, and a broken one would be noticed', async () => {
    const { body } = await ask('/api/openapi.json');
    const validator = new Validator();
    expect(await validator.validate(structuredClone(body))).toMatchObject({ valid: true });
    expect(validator.version).toBe('3.1');
    expect((await validator.validate({ ...body, info: {} })).valid).toBe(false);
    for (const path of Object.keys(body['paths'] as Json)) {
      const { body: answer } = await ask(path);
      expect(answer['type']).not.toBe('urn:tickwire:problem:not-found');
      expect(answer['code']).not.toBe(-1020);
    }
    const references = JSON.stringify(body).match(/"#\/components\/schemas\/\w+"/g) ?? [];
    const { schemas } = body['components'] as { readonly schemas: Json };
    for (const reference of references) expect(Object.keys(schemas)).toContain(JSON.parse(reference).split('/').at(-1));
  });

  it("[G65] Binance's REST and the server API answer as the document says", async () => {
    await trade(1);
    await served.publish(tickers, { type: 'price.ticker', venue: 'sim', symbol: 'BTC-USD', ts: 1, rts: 2, last: '7' });
    await served.publish('bar-1m.sim.BTC-USD', sampleBar);
    const { body: document } = await ask('/api/openapi.json');
    const ajv = ajvFor(document);
    const pointer = (path: string, method: string): string =>
      `document#/paths/${path.replaceAll('/', '~1')}/${method}/responses/200/content/application~1json/schema`;
    const expectValid = (path: string, method: string, body: unknown): void => {
      const validate = ajv.compile({ $ref: pointer(path, method) });
      validate(body);
      expect([path, validate.errors]).toEqual([path, null]);
    };
    const paths = Object.entries(document['paths'] as Readonly<Record<string, Readonly<Record<string, Json>>>>);
    for (const [path, { get }] of paths) {
      if (get === undefined || !/v[13]/.test(path)) continue;
      const names = ((get['parameters'] ?? []) as { readonly name: string }[]).map(({ name }) => name);
      const wanted = new URLSearchParams(
        Object.entries({ symbol: 'BTCUSD', interval: '5m' }).filter(([n]) => names.includes(n)),
      );
      const { status, body } = await ask(`${path}?${wanted}`);
      expect([path, status]).toEqual([path, 200]);
      expectValid(path, 'get', body);
      if (!names.includes('symbols')) continue;
      expectValid(path, 'get', (await ask(`${path}?symbols=${encodeURIComponent('["BTCUSD"]')}`)).body);
    }
    const channel = 'news.a';
    const calls: Readonly<Record<string, Json>> = {
      '/api/publish': { channel, data: { n: 1 } },
      '/api/broadcast': { channels: [channel, 'nope'], data: 2 },
      '/api/history': { channel, limit: 10 },
      '/api/presence_stats': { channel },
      '/api/channels': {},
      '/api/info': {},
      '/api/disconnect': { user: 'nobody' },
      '/api/unsubscribe': { channel, user: 'nobody' },
      '/api/batch': { commands: [{ history: { channel, limit: 1 } }, { nope: {} }] },
      '/api': { method: 'info' },
    };
    await start({ API_KEY: apiKey, CHANNELS: 'news.*' });
    for (const [path, request] of Object.entries(calls)) {
      const { body } = await ask(path, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-API-Key': apiKey },
        body: JSON.stringify(request),
      });
      expect([path, 'error' in body]).toEqual([path, false]);
      expectValid(path, 'post', body);
    }
    const posts = paths.filter(([, { post }]) => post !== undefined).map(([path]) => path);
    expect(posts.sort()).toEqual(Object.keys(calls).sort());
  });

  it('[G65] the AsyncAPI 3 document is valid, and a broken one would be noticed', async () => {
    const { body } = await ask('/api/asyncapi.json');
    const ajv = new Ajv({ strict: false, ...quickly });
    addFormats.default(ajv);
    const validate = ajv.compile(require('@asyncapi/specs/schemas/3.0.0-without-$id.json') as object);
    validate(body);
    expect(validate.errors ?? []).toEqual([]);
    expect(validate({ ...body, channels: { prediction: { address: 5 } } })).toBe(false);
    const references = JSON.stringify(body).match(/"#\/[\w/]+"/g) ?? [];
    for (const reference of references) {
      const parts = (JSON.parse(reference) as string).split('/').slice(1);
      const found = parts.reduce<unknown>((value, part) => (value as Json | undefined)?.[part], body);
      expect({ reference, isThere: found !== undefined }).toEqual({ reference, isThere: true });
    }
  });

  it('[G65] every message of the protocol is what the documents say', async () => {
    const header = { venue: 'sim', symbol: 'BTC-USD', ts: 1, rts: 2 };
    const position = { seq: 1, epoch: 'e', pts: 3 };
    const ohlc = { open: '1', high: '2', low: '0.5', close: '1.50', volume: '0', quoteVolume: '0', trades: 0 };
    const levels = { 50: ['1', '2'], 80: ['1', '2'], 90: ['1', '2'], 95: ['1', '2'] } as const;
    const scores = {
      n: 9,
      coverage: { 50: 0.5, 80: 0.8, 90: null, 95: null },
      coverage90Band: [0.85, 0.95] as const,
      coverage90: 0.9,
      recentCoverage90: null,
      worstCoverage90: null,
      intervalScore: 1,
      baselineScore: 2,
      gain: 50,
      dm: null,
      crps: null,
      zeroMoveShare: 0,
      skill: null,
      skillDm: null,
      hitRate: null,
    };
    const messages: Readonly<Record<string, MarketMessage>> = {
      Trade: { type: 'price.trade', ...header, id: '1', price: '1.50', size: '2', side: 'sell' },
      Ticker: { type: 'price.ticker', ...header, last: '1', bid: '1', changePct24h: '-0.5', ageMs: 4 },
      Bar: { type: 'price.bar', ...header, interval: '1s', start: 1_000, ...ohlc, closed: true, incomplete: true },
      Forecast: {
        type: 'price.forecast',
        ...header,
        price: '1.50',
        horizons: [{ seconds: 60, target: 60_000, center: '1.5', sigma: 1e-4, levels, warming: true, scores }],
      },
      Health: { type: 'feed.health', ...header, state: 'stale', since: 1, ageMs: 2, reason: 'silent' },
      Gap: { type: 'feed.gap', ...header, afterId: '7', beforeId: '10', missing: 2 },
    };
    const isValid = await validatorOf('/api/openapi.json');
    for (const [name, message] of Object.entries(messages)) {
      expect(isValid(name, { ...message, ...position })).toBe('valid');
      expect(isValid('Message', message)).toBe('valid');
      expect(isValid(name, { ...message, symbol: undefined })).not.toBe('valid');
    }
    expect(isValid('Message', { type: 'price.alert', any: 'thing' })).toBe('valid');
  });

  it('[G65] what the sockets send is what the AsyncAPI document says', async () => {
    const isValid = await validatorOf('/api/asyncapi.json');
    await served.publish(tickers, {
      type: 'price.ticker',
      venue: 'sim',
      symbol: 'BTC-USD',
      ts: 1,
      rts: 2,
      last: '5.0',
    });
    using price = await connectPlain(`${served.url}/ws/prediction/`);
    using channels = await connectPlain(`${served.url}/ws/prediction/?channels=${trades}&last=0&since=${trades}:x:1`);
    using binance = await connectPlain(`${served.url}/ws/btcusd@trade`);
    const requests = [{ subscribe: [tickers, 'nope'] }, { unsubscribe: [tickers] }];
    for (const request of requests) {
      expect(isValid('Request', request)).toBe('valid');
      channels.socket.send(JSON.stringify(request));
    }
    channels.socket.send('?');
    binance.socket.send('{"method":"LIST_SUBSCRIPTIONS","id":1}');
    binance.socket.send('?');
    await waitFor('the Binance answers', () => binance.messages.length === 2);
    await channels.until('the answers', ({ type }) => type === 'channel.unsubscribed');
    await trade(1);
    await channels.until('a trade', ({ type }) => type === 'price.trade');
    await binance.until('a trade', ({ e }) => e === 'trade');
    await price.until('a price', () => true);
    expect(isValid('Price', price.messages[0])).toBe('valid');
    const names: Readonly<Record<string, string>> = {
      'channel.subscribed': 'Subscribed',
      'channel.unsubscribed': 'Unsubscribed',
      'channel.refused': 'Refused',
      'channel.recovered': 'Recovered',
      error: 'Error',
    };
    const reported = channels.messages.map((message) => names[String(message['type'])] ?? 'ChannelMessage');
    expect(new Set(reported)).toEqual(new Set([...Object.values(names), 'ChannelMessage']));
    for (const [index, message] of channels.messages.entries())
      expect(isValid(reported[index] ?? '', message)).toBe('valid');
    expect(
      binance.messages.map((message, index) =>
        isValid(index === 2 ? 'BinanceTrade' : 'code' in message ? 'BinanceError' : 'BinanceAnswer', message),
      ),
    ).toEqual(['valid', 'valid', 'valid']);
    expect(isValid('Trade', { ...channels.messages.at(-1), price: 1.5 })).not.toBe('valid');
  });
});
