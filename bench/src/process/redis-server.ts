import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { Child, Children } from './children.js';
import { freePort } from './free-port.js';

export interface RedisServer {
  readonly port: number;
  /** The process, or all masters of a cluster. */
  readonly pids: readonly number[];
  /** The port of the cluster's bus. */
  readonly busPort: number;
  readonly url: string;
  readonly version: string;
  /** Empties it: what one run left must not meet the next. */
  clear(): Promise<void>;
  call(command: string, ...args: (string | number)[]): Promise<unknown>;
  close(): Promise<void>;
}

const answerMs = 10_000;

/** A redis-server of our own in an empty folder, without persistence. @throws Error when there is none. */
export const startRedisServer = async (
  children: Children,
  cores: readonly number[] | undefined,
  { isClustered = false }: { readonly isClustered?: boolean } = {},
): Promise<RedisServer> => {
  const dir = await mkdtemp(join(tmpdir(), 'tickwire-bench-'));
  const removeDir = (): void => rmSync(dir, { recursive: true, force: true });
  // When a signal ends us nothing can be awaited.
  process.once('exit', removeDir);
  const [port, busPort] = [await freePort(), await freePort()];
  const ofCluster = ['--cluster-enabled', 'yes', '--cluster-port', String(busPort)];
  const child = children.start({
    name: 'redis-server',
    command: process.env['REDIS_SERVER_BIN'] ?? 'redis-server',
    args: [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--dir',
      dir,
      '--save',
      '',
      ...(isClustered ? ofCluster : []),
    ],
    cores,
  });
  const url = `redis://127.0.0.1:${port}`;
  const redis = new Redis(url, { retryStrategy: () => 20 });
  redis.on('error', () => {});
  const version = await untilAnswered(redis, child);
  return {
    port,
    busPort,
    pids: [child.pid],
    url,
    version,
    async clear() {
      await redis.flushall();
    },
    call: (command, ...args) => redis.call(command, ...args),
    async close() {
      redis.disconnect();
      await child.kill();
      removeDir();
    },
  };
};

/** Log lines differ between versions; an answer does not. */
const untilAnswered = async (redis: Redis, child: Child): Promise<string> => {
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error(`redis-server does not answer: ${child.output().trim()}`)), answerMs).unref();
  });
  const info = await Promise.race([redis.info('server'), late]);
  return /redis_version:(\S+)/.exec(String(info))?.[1] ?? 'unknown';
};
