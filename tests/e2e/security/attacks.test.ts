import { once } from 'node:events';
import { constants, deflateRawSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { encode } from '@msgpack/msgpack';
import { WebSocket } from 'ws';
import { openCentrifuge } from '../../support/centrifuge-client.js';
import { follow } from '../../support/follower.js';
import { connectPlain, type PlainClient } from '../../support/plain-client.js';
import { clientFrame, closeCodeIn, handshake, openRaw, type RawConnection } from '../../support/raw-request.js';
import { openRaw as openLayer } from '../../support/redis-layer.js';
import { type RedisServer, startRedisServer } from '../../support/redis-server.js';
import { startTickwire, type TickwireProcess } from '../../support/tickwire-process.js';
import { makeToken } from '../../support/tokens.js';
import { patientMs, waitFor } from '../../support/wait-for.js';

const trades = 'trade.sim.BTC-USD';

describe('attacks', () => {
  let redis: RedisServer;
  let server: TickwireProcess;
  let witness: PlainClient;
  const opened: Disposable[] = [];
  const use = <T extends Disposable>(resource: T): T => {
    opened.push(resource);
    return resource;
  };
  const raw = async (): Promise<RawConnection> => use(await openRaw(server.port));

  /** One that has shaken hands. */
  const upgraded = async (path = '/ws/prediction/', more: readonly string[] = []): Promise<RawConnection> => {
    const connection = await raw();
    connection.send(handshake(path, more));
    expect(await connection.status()).toBe(101);
    return connection;
  };

  beforeAll(async () => {
    redis = await startRedisServer();
    server = await startTickwire('standalone', {
      REDIS_URL: redis.url,
      COMPRESSION: 'on',
      HANDSHAKE_MS: '1000',
      SIM_RATE: '50',
      LOG_LEVEL: 'trace',
    });
    witness = await connectPlain(`${server.url}/ws/prediction/?channels=${trades}`);
  });

  /** Whatever was done: who was inside before has every trade, in order, still comes, and nothing crashed. */
  afterEach(async () => {
    for (const resource of opened.splice(0)) resource[Symbol.dispose]();
    const before = witness.messages.length;
    await waitFor('more trades', () => witness.messages.length > before + 10);
    const seqs = witness.messages.map(({ seq }) => Number(seq));
    expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });

  afterAll(async () => {
    witness?.[Symbol.dispose]();
    for (const each of [server, redis]) await each?.[Symbol.asyncDispose]();
  });

  it('[GL13] slowloris: hundreds of handshakes that never end', async () => {
    const slow = await Promise.all(Array.from({ length: 200 }, () => raw()));
    for (const connection of slow) connection.send('GET /ws/prediction/ HTTP/1.1\r\nHost: gateway\r\nX-');
    const newcomer = use(await connectPlain(`${server.url}/ws/prediction/`));
    expect(newcomer.socket.readyState).toBe(WebSocket.OPEN);
    expect(new Set(await Promise.all(slow.map((connection) => connection.status())))).toEqual(new Set([408]));
    await waitFor('all cut off', () => slow.every((connection) => connection.isClosed()));
  });

  it.each([
    ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['a bare line feed in a header', 'GET / HTTP/1.1\nHost: a\rX: y\r\n\r\n', 400],
    ['no host', 'GET /api/symbols HTTP/1.1\r\n\r\n', 400],
    [
      'two lengths',
      'POST /api/publish HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello',
      400,
    ],
    [
      'a length and chunks',
      'POST /api/publish HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
    ['a header with a space before its colon', 'GET / HTTP/1.1\r\nHost : a\r\n\r\n', 400],
    ['headers of 100 kB', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(100_000)}\r\n\r\n`, 431],
    ['a path that leaves the folder', 'GET /../../../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n', 404],
    ['the same, encoded', 'GET /examples/%2e%2e%2f%2e%2e%2fpackage.json HTTP/1.1\r\nHost: a\r\n\r\n', 404],
    ['the same, encoded twice', 'GET /examples/%252e%252e%252fpackage.json HTTP/1.1\r\nHost: a\r\n\r\n', 404],
    ['a path with a zero byte', 'GET /examples/plain.html%00.js HTTP/1.1\r\nHost: a\r\n\r\n', 404],
    ['a path that is no UTF-8', 'GET /examples/%c0%ae%c0%ae/ HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['an upgrade of a path that is no UTF-8', handshake('/ws/%c0%ae'), 400],
    ['an upgrade of another host by its target', handshake('//evil.example/admin'), 404],
    ['an upgrade to something else', handshake('/ws/prediction/').replace('websocket', 'h2c'), 404],
    ['a path that does not decode', 'GET /%ff HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['a token in one', 'GET /eyJhbGciOiJIUzI1NiJ9.e30.x%ff HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['a target with a port that is none', 'GET http://a:99999999/api/symbols HTTP/1.1\r\nHost: a\r\n\r\n', 400],
    ['an upgrade without a key', handshake('/ws/prediction/').replace('dGhlIHNhbXBsZSBub25jZQ==', 'short'), 400],
    ['an upgrade of another version', handshake('/ws/prediction/').replace('Version: 13', 'Version: 7'), 400],
    ['an upgrade by POST', handshake('/ws/prediction/').replace('GET', 'POST'), 405],
    [
      'an extension that is none',
      handshake('/ws/prediction/', ['Sec-WebSocket-Extensions: permessage-deflate; x="']),
      400,
    ],
    ['CONNECT', 'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n', 0],
  ])('[GL13] %s', async (_what, request, status) => {
    const connection = await raw();
    connection.send(request);
    expect(await connection.status()).toBe(status);
    // In an answer as well as in an error: nothing of the inside.
    expect(connection.received()).not.toMatch(/node_modules|\.js:\d+|at \w+ \(|root:|workspaces/);
  });

  it.each<[string, Uint8Array, number]>([
    ['a frame longer than MAX_PAYLOAD_BYTES', clientFrame(0x81, Buffer.alloc(10), 70_000), 1009],
    ['a frame of 2^62 bytes', clientFrame(0x81, Buffer.alloc(10), 2 ** 62), 1009],
    ['a frame without a mask', Buffer.from([0x81, 2, 0x7b, 0x7d]), 1002],
    ['an opcode that is none', clientFrame(0x83, Buffer.from('{}')), 1002],
    ['a reserved bit', clientFrame(0xa1, Buffer.from('{}')), 1002],
    ['text that is no UTF-8', clientFrame(0x81, Buffer.from([0xc3, 0x28])), 1007],
    ['a continuation of nothing', clientFrame(0x80, Buffer.from('{}')), 1002],
    ['a ping of 200 bytes', clientFrame(0x89, Buffer.alloc(200)), 1002],
    ['a ping in pieces', clientFrame(0x09, Buffer.alloc(2)), 1002],
    [
      '20,000 pieces of nothing',
      Buffer.concat([
        clientFrame(0x01, Buffer.alloc(0)),
        ...Array<Uint8Array>(20_000).fill(clientFrame(0, Buffer.alloc(0))),
      ]),
      1008,
    ],
  ])('[GL13] %s closes', async (_what, bytes, code) => {
    const connection = await upgraded(`/ws/prediction/?channels=${trades}`);
    connection.send(bytes);
    await waitFor('the end', () => connection.isClosed() || closeCodeIn(connection.received()) !== undefined, 20_000);
    expect(closeCodeIn(connection.received())).toBe(code);
  });

  it('[GL13] a compressed bomb: 50 MB in 50 kB', async () => {
    const bomb = deflateRawSync(Buffer.alloc(50_000_000, 0x20), { finishFlush: constants.Z_SYNC_FLUSH });
    const connection = await upgraded(`/ws/prediction/?channels=${trades}`, [
      'Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; server_no_context_takeover',
    ]);
    connection.send(clientFrame(0xc1, bomb.subarray(0, -4)));
    await waitFor('the end', () => closeCodeIn(connection.received()) !== undefined, 20_000);
    expect(closeCodeIn(connection.received())).toBe(1009);
  });

  it('[GL13] data that cannot be inflated', async () => {
    const connection = await upgraded(`/ws/prediction/?channels=${trades}`, [
      'Sec-WebSocket-Extensions: permessage-deflate',
    ]);
    connection.send(clientFrame(0xc1, Buffer.from('this is not deflate')));
    await waitFor('the end', () => closeCodeIn(connection.received()) !== undefined);
    expect(closeCodeIn(connection.received())).toBe(1007);
  });

  it('[GL13] names that are special to JavaScript are only names', async () => {
    const poison = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}';
    const plain = use(await connectPlain(`${server.url}/ws/prediction/?channels=${trades}`));
    plain.socket.send(
      `${poison},"subscribe":["__proto__","constructor","hasOwnProperty"],"since":{"__proto__":{"seq":1,"epoch":"e"}}}`,
    );
    await plain.until('a refusal', ({ type, channel }) => type === 'channel.refused' && channel === 'hasOwnProperty');
    const client = use(await openCentrifuge(server.url));
    client.sendRaw(`{"id":1,"connect":${poison},"subs":{"__proto__":{"recover":true}}}}`);
    expect(await client.reply(1)).toHaveProperty('connect.client');
    client.sendRaw(`{"id":2,"subscribe":{"channel":"__proto__","data":${poison}}}}`);
    expect(await client.reply(2)).toHaveProperty('error.code', 102);
    const binance = use(await connectPlain(`${server.url}/ws`));
    binance.socket.send(`${poison},"method":"constructor","id":1}`);
    binance.socket.send(`{"method":"SUBSCRIBE","params":["__proto__","btcusd@constructor","btcusd@__proto__"],"id":2}`);
    await binance.until('a result', ({ id }) => id === 2);
    const publish = await fetch(`${server.url}/api/publish`, { method: 'POST', body: `${poison}}` });
    expect(publish.status).toBe(403);
    const polluted = await (await fetch(`${server.url}/readyz`)).json();
    expect(polluted).not.toHaveProperty('polluted');
  });

  it('[GL13] JSON that is deep, long or odd', async () => {
    for (const path of ['/ws/prediction/', '/ws', '/connection/websocket']) {
      for (const text of [
        '['.repeat(60_000),
        '{"a":'.repeat(10_000),
        '"\\ud800"',
        '1e999999',
        ' '.repeat(65_000),
        '',
      ]) {
        const socket = new WebSocket(`${server.url.replace('http', 'ws')}${path}`);
        use({ [Symbol.dispose]: () => socket.terminate() });
        await once(socket, 'open');
        socket.send(text);
        socket.ping();
        // Answered or closed; either way it does not hang.
        await Promise.race([once(socket, 'pong'), once(socket, 'close')]);
      }
    }
  });

  it('[GL13] text that is made for slow patterns costs no time', async () => {
    const probes = [
      `${'a.'.repeat(30_000)}!`,
      `${'-'.repeat(60_000)}`,
      `${'0'.repeat(60_000)}x`,
      `${':'.repeat(60_000)}`,
    ];
    const began = performance.now();
    for (const probe of probes) {
      const text = encodeURIComponent(probe.slice(0, 15_000));
      const paths = [
        `/api/history?channel=${trades}&since=${text}&limit=${text}`,
        `/api/snapshot?channels=${text}`,
        `/api/v3/klines?symbol=${text}&interval=${text}`,
        `/connection/uni_sse?channel=${text}&interval=${text}`,
      ];
      for (const path of paths) expect((await fetch(`${server.url}${path}`)).status).toBeGreaterThanOrEqual(400);
      const headers = {
        Origin: `http://${probe.slice(0, 8_000)}`,
        Authorization: `Bearer ${' '.repeat(8_000)}x`,
        Cookie: '='.repeat(8_000),
        'X-Forwarded-For': ','.repeat(8_000),
        'Last-Event-ID': probe.slice(0, 8_000),
      };
      await fetch(`${server.url}/api/symbols`, { headers });
      await fetch(`${server.url}/connection/uni_sse?channel=${trades}.x`, { headers });
      const plain = use(await connectPlain(`${server.url}/ws/prediction/?channels=${trades}`));
      plain.socket.send(JSON.stringify({ subscribe: [probe] }));
      const refused = await plain.until('a refusal', ({ type }) => type === 'channel.refused');
      expect(String(refused['channel']).length).toBeLessThan(100);
      const binance = use(await connectPlain(`${server.url}/ws`));
      binance.socket.send(JSON.stringify({ method: 'SUBSCRIBE', params: [`${probe}@trade`], id: 1 }));
      await binance.until('an answer', () => true);
    }
    // One pattern that backtracks would take hours.
    expect(performance.now() - began).toBeLessThan(patientMs(15_000));
  });

  it('[GL14] no token and no line of a client is in the log', async () => {
    const secret = makeToken({ alg: 'HS256', key: 'some secret', claims: { sub: 'find-me' } });
    const line = '{"level":60,"msg":"made up by a client"}';
    const encoded = encodeURIComponent(`\n${line}\n`);
    await fetch(`${server.url}/api/history?channel=${encoded}&token=${secret}`);
    await fetch(`${server.url}/${encoded}?token=${secret}`, {
      headers: { Authorization: `Bearer ${secret}`, Cookie: `token=${secret}`, 'User-Agent': line },
    });
    const client = use(await openCentrifuge(server.url, { path: `/connection/websocket?token=${secret}` }));
    client.send({ id: 1, connect: { token: secret, name: `\n${line}\n` } });
    await client.reply(1);
    client.send({ id: 2, subscribe: { channel: `trade.sim.\n${line}\n`, token: secret } });
    await client.reply(2);
    client.sendRaw(`{"id":3,"refresh":{"token":"${secret}"}}`);
    await client.reply(3);
    client.sendRaw(`\n${line}`);
    await client.closed;
    const plain = use(await connectPlain(`${server.url}/ws/prediction/?channels=${trades}&token=${secret}`));
    plain.socket.send(`\n${line}\n`);
    await plain.until('an error', ({ type }) => type === 'error');
    const output = server.output();
    const [, payload = '', signature = ''] = secret.split('.');
    for (const text of [payload, signature, 'find-me', 'made up by a client']) expect(output).not.toContain(text);
    for (const text of output.split('\n').filter((each) => each.startsWith('{'))) {
      expect(JSON.parse(text)).toHaveProperty('pid', server.pid);
    }
  });

  it('[L162] another program on the same Redis publishes messages of any size, and no client gets one or misses a trade', async () => {
    const keys = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`key${index}`, index]));
    const payloads = [
      encode({ type: 'price.trade', text: 'x'.repeat(8_000_000) }),
      encode({ type: 'price.trade', ...keys }),
      encode({ type: 'price.trade', list: Array(400_000).fill(1) }),
    ];
    const follower = use(follow(server.url, [trades]));
    await follower.more(trades, 10);
    await using other = await openLayer(redis.url);
    for (const payload of payloads) await other.publish(`asgi__group__${trades}`, Buffer.from(payload));
    await follower.more(trades, 50);
    const ids = follower.tradeIds(trades);
    expect(ids).toEqual(ids.map((_, index) => (ids[0] ?? 0) + index));
    expect(follower.violations).toEqual([]);
    const metrics = async (): Promise<string> => (await fetch(`${server.url}/metrics`)).text();
    await waitFor('all of them to be counted', async () =>
      (await metrics()).includes('tickwire_layer_events_total{event="poison"} 3'),
    );
    const lines = server.output().match(/^.*poison message.*$/gm) ?? [];
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('"reason":"too-large"');
  });
});
