import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { freePort } from '../support/free-port.js';
import { childrenOf } from '../support/gateway-workers.js';
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
  it('[E4] a bad variable ends the start with exit code 2 and one line', async () => {
    const { exitCode, stderr } = await runTickwire('producer', {
      REDIS_URL: 'redis://localhost',
      SYMBOLS: 'btcusd',
    });
    expect(stderr.trimEnd()).toMatch(
      /^SYMBOLS is "btcusd", but must be symbols such as BTC-USD,ETH-USD, patterns .*: btcusd is not one$/,
    );
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
    const wrong = { PORT: 'eight', MAX_CHANNELS: '0', API_KEY: ' '.repeat(20), GATEWAY_WORKERS: 'all' };
    const { exitCode, stderr } = await runTickwire('gateway', wrong);
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^PORT is "eight"/),
      expect.stringMatching(/^MAX_CHANNELS is "0"/),
      'GATEWAY_WORKERS is "all", but must be a whole number from 1 to 256',
      expect.stringMatching(/^API_KEY is the value given, but must be at least 16 ASCII characters, /),
      expect.stringMatching(/^REDIS_URL is not set/),
    ]);
    expect(exitCode).toBe(2);
  });

  it('[P250] a simulated market that began long ago: health is served while its past is computed, and says how much is left', async () => {
    await using redis = await startRedisServer();
    const SIM_BEGAN_MS = String(Date.now() - 100_000);
    await using producer = await startTickwire('producer', { REDIS_URL: redis.url, SIM_BEGAN_MS, SIM_RATE: '200' });
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
      `await startGateway({ config: gatewayConfig(${JSON.stringify({ HOST: '127.0.0.1', ...env })}), logger, layer, history })
        .catch(({ message }) => console.log(message));`;
    const producer = `const lease = { ...createMemoryLease({ owner: 'me' }), acquire: () => Promise.reject(new Error('no lease')) };
      const metrics = { observe: () => { throw new Error('no metrics'); } };
      const broken = { ...history, newest: () => { throw new Error('history is gone'); } };
      await startProducer({ config: producerConfig({}), logger, history: broken, layer, lease, state: createNoStateStore(), metrics })
        .catch(({ message }) => console.log(message));`;
    const { exitCode, stdout } = await runScript(
      [
        memory,
        gateway({ PORT: String(port) }),
        gateway({ PORT: '0', METRICS_PORT: String(port) }),
        producer,
        'await layer.close();',
      ].join('\n'),
    );
    taken.close();
    const inUse = `PORT ${port} on 127.0.0.1 is already in use`;
    expect(stdout.split('\n')).toEqual([
      expect.stringContaining(inUse),
      expect.stringContaining(`METRICS_${inUse}`),
      'history is gone',
      '',
    ]);
    expect(exitCode).toBe(0);
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
    const { exitCode, stderr } = await runTickwire('producer', {
      REDIS_URL: `redis://:wrong-password@127.0.0.1:${redis.port}`,
    });
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(/password/i);
    expect(stderr).not.toContain('wrong-password');
    expect(exitCode).toBe(1);
  });

  it('[E7] [E111] [R80] [GW1] gateways of one process each publish a repeated request once; SIGTERM ends each app in good order, and is in its log, once', async () => {
    await using redis = await startRedisServer();
    const REDIS_URL = redis.url;
    const API_KEY = 'correct horse battery';
    const env = { REDIS_URL, DRAIN_MS: '0', API_KEY, CHANNELS: 'some.*' };
    await using one = await startTickwire('gateway', env);
    await using two = await startTickwire('gateway', env);
    await using producer = await startTickwire('producer', { REDIS_URL });
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
    expect(childrenOf(one.pid)).toEqual([]);
    expect(await (await fetch(`${one.url}/readyz`)).json()).not.toHaveProperty('workers');

    using client = await connectPlain(`${one.url}/ws/prediction/`);
    await client.until('a price', (message) => typeof message['price'] === 'number');
    await untilStarted(producer);
    for (const app of [one, producer]) expect(app.output()).not.toContain('"msg":"stopping"');
    expect(await one.stop()).toBe(0);
    expect((await client.closed).code).toBe(3001);
    expect(await producer.stop()).toBe(0);
    for (const app of [one, producer]) expect(app.output().split('"msg":"stopping"')).toHaveLength(2);
  });

  it('[E113] the program has commands, and each ends by itself with an exit code that says how it went', async () => {
    const run = (args: readonly string[]) => runTickwire('standalone', {}, { args });
    expect(await run(['--version'])).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    expect(await run(['strat'])).toMatchObject({
      exitCode: 2,
      stderr: '"strat" is not a command: see tickwire --help\n',
    });
  });

  it('[E201] a result that standard output does not take, as on a full disk, is not a success', async () => {
    const secret = { AUTH: 'jwt', AUTH_JWT_SECRET: 's'.repeat(32) };
    const full = await open('/dev/full', 'w');
    try {
      for (const args of [['--help'], ['check'], ['token']]) {
        const child = spawnTickwire('standalone', { PORT: '0', ...secret }, { args, log: full.fd });
        let stderr = '';
        child.stderr?.on('data', (chunk: Buffer) => {
          stderr += chunk.toString();
        });
        const [exitCode] = await once(child, 'close');
        expect([args, stderr, exitCode]).toEqual([args, 'standard output cannot be written: ENOSPC\n', 1]);
      }
    } finally {
      await full.close();
    }
  });

  it.each(['gateway', 'producer'] as const)('[E202] %s rejects arguments, and explains itself', async (app) => {
    expect(await runTickwire(app, {}, { args: ['--port', '9000'] })).toEqual({
      exitCode: 2,
      stdout: '',
      stderr:
        '"--port" is not an option: variables of the environment, or of a file .env, configure it: see .env.example\n',
    });
    const { exitCode, stdout } = await runTickwire(app, {}, { args: ['--help'] });
    expect(stdout).toMatch(new RegExp(`^A ${app}: .*\\nNo options: .*\\.env\\.example\\n$`));
    expect(exitCode).toBe(0);
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
    const variables = { PORT: String(port), HOST: '127.0.0.1', SYMBOLS: 'BTC-USD', SIM_PAST_MINUTES: '2' };
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
