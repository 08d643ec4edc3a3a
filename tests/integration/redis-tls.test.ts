import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger, openRedisBackend, redisConfig } from '@tickwire/runtime';
import { type Certificate, makeCertificate } from '../support/certificate.js';
import { freePort } from '../support/free-port.js';
import { connectRedis } from '../support/redis-history.js';
import { type RedisServer, startRedisServer } from '../support/redis-server.js';
import { runTickwire } from '../support/tickwire-process.js';
import { waitFor } from '../support/wait-for.js';

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
    const sentinelPort = await freePort();
    const folder = await mkdtemp(join(tmpdir(), 'tickwire-sentinel-tls-'));
    const lines = [
      'port 0',
      'bind 127.0.0.1',
      `dir ${folder}`,
      ...tlsSettings(sentinelPort).map((setting) => setting.join(' ')),
      `sentinel monitor prices 127.0.0.1 ${tlsPort} 1`,
    ];
    await writeFile(join(folder, 'sentinel.conf'), `${lines.join('\n')}\n`);
    const bin = process.env['REDIS_SERVER_BIN'] ?? 'redis-server';
    const sentinel = spawn(bin, [join(folder, 'sentinel.conf'), '--sentinel'], { stdio: 'ignore' });
    const exited = once(sentinel, 'exit');
    try {
      await waitFor('the Sentinel', () => canConnect(sentinelPort));
      await useAll(`sentinel+tls://127.0.0.1:${sentinelPort}/prices`);
    } finally {
      sentinel.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true, force: true });
    }
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

const canConnect = async (port: number): Promise<boolean> => {
  const socket = connect(port, '127.0.0.1');
  const isOpen = await Promise.race([
    once(socket, 'connect').then(() => true),
    once(socket, 'error').then(() => false),
  ]).catch(() => false);
  socket.destroy();
  return isOpen;
};
