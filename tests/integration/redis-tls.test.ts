import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClusterShards, createRedisLayer, type RedisLayerOptions } from '@tickwire/channel-layer';
import { createLogger, openRedisBackend, redisConfig } from '@tickwire/runtime';
import { type Certificate, makeCertificate } from '../support/certificate.js';
import { freePort } from '../support/free-port.js';
import { connectRedis } from '../support/redis-history.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { runTickwire } from '../support/tickwire-process.js';
import { patientMs, waitFor } from '../support/wait-for.js';

let certificate: Certificate;
/** What a client needs to know and show. */
let files: Readonly<Record<string, string>>;
beforeAll(async () => {
  certificate = await makeCertificate();
  files = {
    REDIS_CA_FILE: certificate.certificateFile,
    REDIS_CERT_FILE: certificate.certificateFile,
    REDIS_KEY_FILE: certificate.keyFile,
  };
});
afterAll(async () => {
  await certificate[Symbol.asyncDispose]();
});

const tlsSettings = (port: number): readonly (readonly [string, string])[] => [
  ['tls-port', String(port)],
  ['tls-cert-file', certificate.certificateFile],
  ['tls-key-file', certificate.keyFile],
  ['tls-ca-cert-file', certificate.certificateFile],
  ['tls-replication', 'yes'],
];

/** A Redis that wants certificates of its clients on its TLS port; the plain one is for the test itself. */
const startTlsRedis = async (
  args: readonly string[] = [],
): Promise<{ readonly server: RedisServer; readonly tlsPort: number }> => {
  const tlsPort = await freePort();
  const tlsArgs = tlsSettings(tlsPort).flatMap(([name, value]) => [`--${name}`, value]);
  return { server: await startRedisServer({ args: [...tlsArgs, ...args] }), tlsPort };
};

interface Sentinel extends AsyncDisposable {
  readonly port: number;
}

/** A Sentinel of the master `prices` that speaks TLS, or does not. */
const startSentinel = async (
  masterPort: number,
  isTls: boolean,
  settings: readonly string[] = [],
): Promise<Sentinel> => {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'tickwire-sentinel-tls-'));
  const lines = [
    ...(isTls ? ['port 0', ...tlsSettings(port).map((setting) => setting.join(' '))] : [`port ${port}`]),
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor prices 127.0.0.1 ${masterPort} 1`,
    ...settings,
  ];
  await writeFile(join(folder, 'sentinel.conf'), `${lines.join('\n')}\n`);
  const bin = process.env['REDIS_SERVER_BIN'] ?? 'redis-server';
  const sentinel = spawn(bin, [join(folder, 'sentinel.conf'), '--sentinel'], { stdio: 'ignore' });
  const exited = once(sentinel, 'exit');
  await waitFor('the Sentinel', () => canConnect(port));
  return {
    port,
    async [Symbol.asyncDispose]() {
      sentinel.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** Lease, history and groups, as processes use them. */
const useAll = async (url: string): Promise<void> => {
  const config = redisConfig({ REDIS_URL: url, REDIS_PREFIX: 'apart', LAYER_PREFIX: 'apart', ...files });
  const backend = await openRedisBackend(config, createLogger('test', 'silent'));
  try {
    const heard: unknown[] = [];
    await backend.layer.groupListen('quotes', (message) => void heard.push(message));
    const fence = (await backend.lease(10_000).acquire()) ?? 0;
    const message = { type: 'price.trade', epoch: 'e', seq: 1 };
    const [result] = await backend.history.append(
      [{ group: 'quotes', epoch: 'e', firstSeq: 1, messages: [message] }],
      fence,
    );
    expect(result).toMatchObject({ outcome: 'appended' });
    await waitFor('the message', () => heard.length > 0);
    expect(heard).toEqual([message]);
    expect((await backend.history.newest(['quotes'], 1))[0]?.messages).toEqual([message]);
    await backend.state.save('forecast', { warm: true });
    expect(await backend.state.load('forecast')).toEqual({ warm: true });
  } finally {
    await backend.close();
  }
};

describe('Redis over TLS', () => {
  it('[O3] one server, with a key prefix of its own', async () => {
    const { server, tlsPort } = await startTlsRedis();
    await using _server = server;
    await useAll(`rediss://127.0.0.1:${tlsPort}`);
    const redis = await connectRedis(server.port);
    const keys = await redis.keys('*');
    expect(keys.length).toBeGreaterThan(3);
    expect(keys.filter((key) => !key.startsWith('apart:'))).toEqual([]);
    redis.disconnect();
  });

  it('[O3] a master behind Sentinels', async () => {
    const { server, tlsPort } = await startTlsRedis();
    await using _server = server;
    await using sentinel = await startSentinel(tlsPort, true);
    await useAll(`sentinel+tls://127.0.0.1:${sentinel.port}/prices`);
  });

  it('[O3] a Redis Cluster', async () => {
    const busPort = await freePort();
    const ofCluster = ['--cluster-enabled', 'yes', '--tls-cluster', 'yes', '--cluster-port', String(busPort)];
    const { server, tlsPort } = await startTlsRedis(ofCluster);
    await using _server = server;
    const redis = await connectRedis(server.port);
    await redis.call('CLUSTER', 'ADDSLOTSRANGE', 0, 16_383);
    await waitFor('the cluster', async () => String(await redis.cluster('INFO')).includes('cluster_state:ok'));
    await useAll(`cluster+tls://127.0.0.1:${tlsPort}`);
    redis.disconnect();
  });

  it('[O4] a certificate that is not trusted, and one that is missing, is one clear line', async () => {
    const { server, tlsPort } = await startTlsRedis();
    await using _server = server;
    const REDIS_URL = `rediss://127.0.0.1:${tlsPort}`;
    const untrusted = await runTickwire('gateway', { REDIS_URL });
    expect(untrusted).toMatchObject({ exitCode: 1 });
    expect(untrusted.stderr.trimEnd()).toMatch(/^cannot connect to Redis at 127\.0\.0\.1:\d+: .*REDIS_CA_FILE.*$/);
    const nobody = await runTickwire('gateway', { REDIS_URL, REDIS_CA_FILE: certificate.certificateFile });
    expect(nobody).toMatchObject({ exitCode: 1 });
    expect(nobody.stderr.trimEnd()).toMatch(
      /^cannot connect to Redis at 127\.0\.0\.1:\d+: .*REDIS_CERT_FILE and REDIS_KEY_FILE.*$/,
    );
  });
});

/** Longer than any test may take: no answer waits for it. */
const connectMs = 3_600_000;
const sentenceOf = async (options: RedisLayerOptions): Promise<string> => {
  const layer = createRedisLayer({ connectMs, ...options });
  const error = await layer.connect().catch((reason: unknown) => reason);
  await layer.close();
  expect(error).toMatchObject({ code: 'LAYER_REJECTED' });
  return (error as Error).message;
};

describe('trouble behind Sentinels', () => {
  const behind = (
    { port }: Sentinel,
    host: { readonly tls?: object; readonly sentinelPassword?: string } = {},
  ): Promise<string> => sentenceOf({ hosts: [{ sentinels: [{ host: '127.0.0.1', port }], name: 'prices', ...host }] });

  it('[L75] names the setting that helps, for certificates and for passwords', async () => {
    const { server, tlsPort } = await startTlsRedis();
    await using _server = server;
    await using sentinel = await startSentinel(tlsPort, true);
    await using stranger = await makeCertificate();
    const ca = readFileSync(certificate.certificateFile);
    const [cert, key] = [readFileSync(stranger.certificateFile), readFileSync(stranger.keyFile)];
    expect(await behind(sentinel, { tls: {} })).toMatch(
      /of Sentinels 127\.0\.0\.1:\d+: its certificate .* REDIS_CA_FILE/,
    );
    expect(await behind(sentinel, { tls: { ca } })).toMatch(/requires a client certificate: set REDIS_CERT_FILE and/);
    expect(await behind(sentinel, { tls: { ca, cert, key } })).toMatch(
      /does not accept the certificate in REDIS_CERT_FILE/,
    );
    expect(await behind(sentinel, { tls: { ca, servername: 'elsewhere.example.com' } })).toMatch(/for another name/);
    await using closed = await startSentinel(server.port, false, ['requirepass secret']);
    expect(await behind(closed)).toMatch(/the Sentinels require a password: sentinelPassword in REDIS_URL/);
    expect(await behind(closed, { sentinelPassword: 'guess' })).toMatch(
      /wrong sentinelUsername or sentinelPassword in/,
    );
  });

  it('[L76] says who speaks TLS and who does not, Sentinels or the master they name', async () => {
    const { server, tlsPort } = await startTlsRedis();
    await using _server = server;
    const tls = {
      ca: readFileSync(certificate.certificateFile),
      cert: readFileSync(certificate.certificateFile),
      key: readFileSync(certificate.keyFile),
    };
    await using plain = await startSentinel(server.port, false);
    expect(await behind(plain, { tls })).toMatch(/: a Sentinel does not speak TLS: sentinel:\/\/ is without TLS/);
    await using secured = await startSentinel(server.port, true);
    expect(await behind(secured)).toMatch(/: a Sentinel speaks TLS: sentinel\+tls:\/\/ is with TLS/);
    const master = `the master at 127\\.0\\.0\\.1:${server.port}`;
    expect(await behind(secured, { tls })).toMatch(new RegExp(`: ${master} does not speak TLS: sentinel://`));
    await using mixed = await startSentinel(tlsPort, false);
    const said = /: the master at 127\.0\.0\.1:\d+ speaks TLS: sentinel\+tls:\/\/ is with TLS/;
    // Often enough to meet a master that cuts the connection off before it is seen to be open.
    for (let attempt = 0; attempt < 20; attempt += 1) expect(await behind(mixed)).toMatch(said);
  });
});

describe('TLS on one side only', () => {
  it('[L76] is reported at once and by its name: rediss:// to a plain port, redis:// to one with TLS', async () => {
    const { server, tlsPort } = await startTlsRedis();
    await using _server = server;
    const plain = `127.0.0.1:${server.port}`;
    expect(await sentenceOf({ hosts: [`rediss://${plain}`] })).toBe(
      `cannot connect to Redis at ${plain}: the server does not speak TLS on this port: redis:// is without TLS`,
    );
    const tls = `127.0.0.1:${tlsPort}`;
    expect(await sentenceOf({ hosts: [`redis://${tls}`] })).toMatch(
      /: the server speaks TLS on this port: rediss:\/\/ is with TLS, and REDIS_CA_FILE names a private authority$/,
    );
    const cluster = (port: number, settings = {}) =>
      sentenceOf({ newShards: createClusterShards({ seeds: [{ host: '127.0.0.1', port }], ...settings }) });
    expect(await cluster(server.port, { tls: {} })).toMatch(/does not speak TLS on this port/);
    expect(await cluster(tlsPort)).toMatch(/speaks TLS on this port/);
  });

  it('[L76] says so of a Redis that asks for a password as well', async () => {
    await using server = await startRedisServer({ args: ['--requirepass', 'open sesame'] });
    expect(await sentenceOf({ hosts: [`rediss://127.0.0.1:${server.port}`] })).toMatch(/does not speak TLS/);
  });

  it('[L76] says so of a Redis too busy to answer the first time it is asked', async () => {
    let asked = 0;
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (data) => {
        if (!data.toString('latin1').startsWith('PING')) return;
        asked += 1;
        // Each of the connections of a layer asks.
        if (asked > 3) socket.write('+PONG\r\n');
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await sentenceOf({ hosts: [`rediss://127.0.0.1:${port}`], connectMs: patientMs(30_000) })).toMatch(
      /does not speak TLS/,
    );
    server.close();
  });

  it('[O4] ends a start with exit code 1 and that line', async () => {
    const { server, tlsPort } = await startTlsRedis();
    await using _server = server;
    for (const REDIS_URL of [`rediss://127.0.0.1:${server.port}`, `redis://127.0.0.1:${tlsPort}`]) {
      const { exitCode, stderr } = await runTickwire('producer', { REDIS_URL });
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
      expect(stderr).toMatch(/TLS on this port/);
      expect(exitCode).toBe(1);
    }
  });
});

const canConnect = async (port: number): Promise<boolean> => {
  const socket = connect(port, '127.0.0.1');
  const isOpen = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'error').then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return isOpen;
};
