import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { freePort } from '../support/free-port.js';
import { connectPlain } from '../support/plain-client.js';
import { openRaw } from '../support/raw-request.js';
import { startRedisServer } from '../support/redis-server.js';
import {
  runScript,
  runTickwire,
  spawnTickwire,
  startTickwire,
  type TickwireProcess,
} from '../support/tickwire-process.js';
import { waitFor } from '../support/wait-for.js';

/** An app that serves its page or health may still be starting. */
const untilStarted = async ({ output }: TickwireProcess): Promise<void> => {
  const [, health] = /health on (http:\/\/localhost:\d+\/readyz)/.exec(output()) ?? [];
  if (health !== undefined) await waitFor('the end of the start', async () => (await fetch(health)).status === 200);
};

describe('starting', () => {
  it.each([
    ['gateway', { PORT: 'eight' }, /^PORT is "eight", but must be a whole number from 0 to 65535$/],
    [
      'producer',
      { SYMBOLS: 'btcusd' },
      /^SYMBOLS is "btcusd", but must be symbols such as BTC-USD,ETH-USD, patterns .*: btcusd is not one$/,
    ],
    ['standalone', { FEED: 'nowhere' }, /^FEED is "nowhere", but must be simulated, replay, or one or several of/],
  ] as const)('[E4] %s with %o ends with exit code 2 and one line', async (app, variables, line) => {
    const { exitCode, stderr } = await runTickwire(app, { REDIS_URL: 'redis://localhost', ...variables });
    expect(stderr.trimEnd()).toMatch(line);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(exitCode).toBe(2);
  });

  it.each(['gateway', 'producer', 'standalone'] as const)(
    '[R70] %s with 64 open files ends with exit code 1 and one line',
    async (app) => {
      const { exitCode, stdout, stderr } = await runTickwire(
        app,
        { REDIS_URL: 'redis://localhost' },
        { openFiles: 64 },
      );
      expect([stdout, stderr]).toEqual([
        '',
        'the system allows 64 open files (ulimit -n), but 256 are needed at least\n',
      ]);
      expect(exitCode).toBe(1);
    },
  );

  it('[E4] all that is wrong is reported, a line each', async () => {
    const wrong = { PORT: 'eight', MAX_CHANNELS: '0', API_KEY: ' '.repeat(20) };
    const { exitCode, stderr } = await runTickwire('gateway', wrong);
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^PORT is "eight"/),
      expect.stringMatching(/^MAX_CHANNELS is "0"/),
      expect.stringMatching(/^API_KEY is the value given, but must be at least 16 ASCII characters, /),
      expect.stringMatching(/^REDIS_URL is not set/),
    ]);
    expect(exitCode).toBe(2);
  });

  it('[E5] a port in use is one clear line', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const { exitCode, stderr } = await runTickwire('standalone', { PORT: String(port) });
    taken.close();
    expect(stderr.trimEnd()).toBe(
      `PORT ${port} on 127.0.0.1 is already in use: stop the program that uses it or set PORT to another`,
    );
    expect(exitCode).toBe(1);
  });

  it('[P250] a simulated market that began long ago: health is served while its past is computed, and says how much is left', async () => {
    await using redis = await startRedisServer();
    const ago = (ms: number) => ({ REDIS_URL: redis.url, SYMBOLS: 'BTC-USD', SIM_BEGAN_MS: String(Date.now() - ms) });
    await using producer = await startTickwire('producer', { ...ago(300_000), SIM_RATE: '200' });
    const seen = new Set<string>();
    await waitFor('the producer to be ready', async () => {
      const response = await fetch(`${producer.url}/readyz`);
      for (const reason of ((await response.json()) as { reasons: string[] }).reasons) seen.add(reason);
      return response.status === 200;
    });
    expect([...seen].join('\n')).toMatch(/^the past of the feed is computed first: \d+ s of it are left$/m);
    expect(producer.output()).toMatch(/"pastSeconds":\d+,"msg":"the past of the feed is computed first"/);
    await waitFor('the present', () =>
      producer.output().includes('the past of the feed is computed: the present begins'),
    );

    await using stranger = await startTickwire('producer', ago(7_300_000));
    await waitFor('a warning', () => stranger.output().includes('SIM_BEGAN_MS is more than an hour ago'));
  });

  it.each([
    ['gateway', '2'],
    ['standalone', '1'],
  ] as const)('[R80] a stop is in the log, once: %s, GATEWAY_WORKERS %s', async (app, GATEWAY_WORKERS) => {
    await using redis = await startRedisServer();
    await using process = await startTickwire(app, { REDIS_URL: redis.url, SYMBOLS: 'BTC-USD', GATEWAY_WORKERS });
    await untilStarted(process);
    expect(process.output()).not.toContain('"msg":"stopping"');
    expect(await process.stop('SIGINT')).toBe(0);
    expect(process.output().split('"msg":"stopping"')).toHaveLength(2);
  });

  it('[R40] a start that fails half-way leaves nothing running: a process that embeds it ends by itself', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    const memory = `
      import { createMemoryHistory, createMemoryLayer, createMemoryLease } from '@tickwire/channel-layer';
      import { gatewayConfig, startGateway } from '@tickwire/gateway';
      import { producerConfig, startProducer } from '@tickwire/producer';
      import { createLogger, createNoStateStore } from '@tickwire/runtime';
      const logger = createLogger('embedder', 'silent');
      const layer = createMemoryLayer();
      const history = createMemoryHistory({ publish: (group, message) => void layer.groupSend(group, message) });
    `;
    const gateway = (env: Record<string, string>) =>
      runScript(`${memory} const config = gatewayConfig(${JSON.stringify({ HOST: '127.0.0.1', ...env })});
        await startGateway({ config, logger, layer, history }).catch(({ message }) => console.log(message));
        await layer.close();`);
    const producer = () =>
      runScript(`${memory} const lease = { ...createMemoryLease({ owner: 'me' }), acquire: () => Promise.reject(new Error('no lease')) };
        const config = producerConfig({});
        const metrics = { observe: () => { throw new Error('no metrics'); } };
        const broken = { ...history, newest: () => { throw new Error('history is gone'); } };
        await startProducer({ config, logger, history: broken, layer, lease, state: createNoStateStore(), metrics })
          .catch(({ message }) => console.log(message));
        await layer.close();`);
    const inUse = expect.stringContaining(`PORT ${port} on 127.0.0.1 is already in use`);
    expect(await gateway({ PORT: String(port) })).toMatchObject({ exitCode: 0, stdout: inUse });
    expect(await gateway({ PORT: '0', METRICS_PORT: String(port) })).toMatchObject({ exitCode: 0, stdout: inUse });
    expect(await producer()).toMatchObject({ exitCode: 0, stdout: 'history is gone\n' });
    taken.close();
  });

  it('[E6] [E114] a Redis that is away is one clear line of the check, which waits for nothing', async () => {
    const port = await freePort();
    const REDIS_URL = `redis://127.0.0.1:${port}`;
    const { exitCode, stderr } = await runTickwire('standalone', { REDIS_URL }, { args: ['check'] });
    expect(stderr.trimEnd().split('\n')).toEqual([
      `no answer from Redis: cannot connect to Redis at 127.0.0.1:${port}: connection refused`,
    ]);
    expect(exitCode).toBe(1);
  });

  it('[E6] a Redis that asks for a password is one clear line that does not repeat one', async () => {
    await using redis = await startRedisServer({ args: ['--requirepass', 'right-password'] });
    for (const userInfo of ['', ':wrong-password@']) {
      const { exitCode, stderr } = await runTickwire('producer', {
        REDIS_URL: `redis://${userInfo}127.0.0.1:${redis.port}`,
      });
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
      expect(stderr).toMatch(/password/i);
      expect(stderr).not.toContain('wrong-password');
      expect(exitCode).toBe(1);
    }
  });

  it('[E7] [R80] SIGTERM ends each app in good order, and is in its log, once', async () => {
    await using redis = await startRedisServer();
    const REDIS_URL = redis.url;
    await using gateway = await startTickwire('gateway', { REDIS_URL, DRAIN_MS: '0' });
    await using producer = await startTickwire('producer', { REDIS_URL });
    using client = await connectPlain(`${gateway.url}/ws/prediction/`);
    await client.until('a price', (message) => typeof message['price'] === 'number');
    await untilStarted(producer);
    for (const app of [gateway, producer]) expect(app.output()).not.toContain('"msg":"stopping"');
    expect(await gateway.stop()).toBe(0);
    expect((await client.closed).code).toBe(3001);
    expect(await producer.stop()).toBe(0);
    for (const app of [gateway, producer]) expect(app.output().split('"msg":"stopping"')).toHaveLength(2);
  });

  it('[E111] gateways that are processes of their own publish a request that is repeated once', async () => {
    await using redis = await startRedisServer();
    const API_KEY = 'correct horse battery';
    const env = { REDIS_URL: redis.url, DRAIN_MS: '0', API_KEY, CHANNELS: 'some.*' };
    await using one = await startTickwire('gateway', env);
    await using two = await startTickwire('gateway', env);
    const publish = async ({ url }: { readonly url: string }): Promise<unknown> => {
      const headers = {
        'Content-Type': 'application/json',
        Authorization: `Bearer ${API_KEY}`,
        'Idempotency-Key': 'k',
      };
      const body = JSON.stringify({ channel: 'some.group', message: { type: 'x' } });
      return (await fetch(`${url}/api/publish`, { method: 'POST', headers, body })).json();
    };
    expect(await publish(one)).toMatchObject({ replayed: false });
    expect(await publish(two)).toMatchObject({ replayed: true });
  });

  it('[E113] the program has commands, and each ends by itself with an exit code that says how it went', async () => {
    const run = (args: readonly string[], variables = {}) => runTickwire('standalone', variables, { args });
    const [help, version, unknown, token] = await Promise.all([
      run(['--help']),
      run(['--version']),
      run(['strat']),
      run(['token'], { AUTH: 'jwt', AUTH_JWT_SECRET: 'a secret of at least thirty-two characters' }),
    ]);
    expect(help).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('Usage: tickwire') });
    expect(version).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    expect(unknown).toMatchObject({ exitCode: 2, stderr: '"strat" is not a command: see tickwire --help\n' });
    expect(token).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^eyJ[\w-]+\.[\w-]+\.[\w-]+\n$/) });
    expect(await run(['check'])).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/history: \d+ channels/),
    });
  });

  it('[R42] [R43] a reader of the log that goes away ends nothing; SIGHUP does, as when a terminal is closed', async () => {
    await using server = await startTickwire('standalone', { DRAIN_MS: '0', LOG_LEVEL: 'trace' });
    using client = await connectPlain(`${server.url}/ws/prediction/?channels=trade.sim.BTC-USD`);
    server.stopReading();
    for (const path of ['/%ff', '/api/history?channel=nothing', '/%ff']) await fetch(`${server.url}${path}`);
    using broken = await openRaw(server.port);
    broken.send('GET http://a:99999999/api/symbols HTTP/1.1\r\nHost: gateway\r\n\r\n');
    await broken.status();
    const before = client.messages.length;
    await waitFor('more ticks', () => client.messages.length > before + 5);
    expect(await server.stop('SIGHUP')).toBe(0);
    expect((await client.closed).code).toBe(3001);
  });

  it('[R45] a full disk of the log neither ends nor holds up the process, nor its end', async () => {
    const full = await open('/dev/full', 'w');
    const port = await freePort();
    const variables = { PORT: String(port), HOST: '127.0.0.1', SYMBOLS: 'BTC-USD' };
    const child = spawnTickwire('standalone', variables, { log: full.fd });
    const exited = once(child, 'exit');
    const status = () =>
      fetch(`http://127.0.0.1:${port}/readyz`).then(
        (response) => response.status,
        () => undefined,
      );
    try {
      await waitFor('readiness', async () => (await status()) === 200, 40_000);
      using client = await connectPlain(`http://127.0.0.1:${port}/ws/prediction/`);
      await client.until('a price', (message) => typeof message['price'] === 'number');
      child.kill();
      expect(await exited).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
      await full.close();
    }
  });
});
