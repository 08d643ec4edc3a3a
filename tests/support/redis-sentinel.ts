import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './free-port.js';
import { sentinelLogin } from './limited-users.js';
import { waitFor } from './wait-for.js';

/** One Sentinel that watches one master and decides alone. */
export interface RedisSentinel extends AsyncDisposable {
  readonly host: '127.0.0.1';
  readonly port: number;
  /** Makes a replica the master, as after an outage; resolves when the Sentinel names the new one. */
  failOver(): Promise<void>;
}

export const startRedisSentinel = async (name: string, masterPort: number): Promise<RedisSentinel> => {
  const host = '127.0.0.1';
  const dir = await mkdtemp(join(tmpdir(), 'tickwire-sentinel-'));
  const config = join(dir, 'sentinel.conf');
  const port = await freePort();
  const lines = [`port ${port}`, `bind ${host}`, `dir ${dir}`, `sentinel monitor ${name} ${host} ${masterPort} 1`];
  await writeFile(config, `${[...lines, ...sentinelLogin(name)].join('\n')}\n`);
  const child = spawn(process.env['REDIS_SERVER_BIN'] ?? 'redis-server', [config, '--sentinel'], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  const redis = new Redis({ host, port, retryStrategy: () => 20, enableReadyCheck: false, maxRetriesPerRequest: 0 });
  redis.on('error', () => {});
  const master = async (): Promise<string> => String(await redis.call('sentinel', 'get-master-addr-by-name', name));
  await waitFor('the Sentinel', () => master().catch(() => ''));

  return {
    host,
    port,
    async failOver() {
      const before = await master();
      // It rejects this until it has found the replica in the master's INFO.
      await waitFor(
        'a failover to begin',
        () =>
          redis.call('sentinel', 'failover', name).then(
            () => true,
            () => false,
          ),
        30_000,
      );
      await waitFor('another master', async () => (await master()) !== before, 30_000);
    },
    async [Symbol.asyncDispose]() {
      redis.disconnect();
      child.kill('SIGKILL');
      await exited;
      await rm(dir, { recursive: true, force: true });
    },
  };
};
