import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from './free-port.js';
import { sentinelLogin } from './limited-users.js';
import { waitFor } from './wait-for.js';

/** Three Sentinels that watch one master with one replica, and decide by two votes. */
export interface RedisSentinels extends AsyncDisposable {
  /** As REDIS_URL names them. */
  readonly url: string;
  /** The port of the master they agree on with the first of them. */
  master(): Promise<number>;
}

const host = '127.0.0.1';
const count = 3;
const downAfterMs = 500;
const readyMs = 30_000;

/** Resolves once all three know of each other and of the replica: from then on they can fail over. */
export const startRedisSentinels = async (name: string, masterPort: number): Promise<RedisSentinels> => {
  const dir = await mkdtemp(join(tmpdir(), 'tickwire-sentinels-'));
  const children: ChildProcess[] = [];
  const clients: Redis[] = [];
  const ports: number[] = [];
  const close = async (): Promise<void> => {
    for (const client of clients) client.disconnect();
    for (const child of children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    await rm(dir, { recursive: true, force: true });
  };

  const start = async (index: number): Promise<void> => {
    const port = await freePort();
    const config = join(dir, `sentinel-${index}.conf`);
    await writeFile(
      config,
      [
        `port ${port}`,
        `bind ${host}`,
        `dir ${dir}`,
        `sentinel monitor ${name} ${host} ${masterPort} 2`,
        `sentinel down-after-milliseconds ${name} ${downAfterMs}`,
        `sentinel failover-timeout ${name} 3000`,
        ...sentinelLogin(name),
        '',
      ].join('\n'),
    );
    children.push(
      spawn(process.env['REDIS_SERVER_BIN'] ?? 'redis-server', [config, '--sentinel'], { stdio: 'ignore' }),
    );
    const client = new Redis({ host, port, retryStrategy: () => 20, enableReadyCheck: false });
    client.on('error', () => {});
    clients.push(client);
    ports.push(port);
  };

  const knowsAll = async (client: Redis): Promise<boolean> => {
    const fields = (await client.call('SENTINEL', 'MASTER', name)) as string[];
    const fieldOf = (field: string): string | undefined => fields[fields.indexOf(field) + 1];
    return fieldOf('num-other-sentinels') === String(count - 1) && fieldOf('num-slaves') === '1';
  };

  try {
    for (let index = 0; index < count; index += 1) await start(index);
    for (const client of clients) await waitFor('a Sentinel that knows all', () => knowsAll(client), readyMs);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    url: `sentinel://${ports.map((port) => `${host}:${port}`).join()}/${name}`,
    async master() {
      const address = await clients[0]?.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name);
      return Array.isArray(address) ? Number(address[1]) : 0;
    },
    [Symbol.asyncDispose]: close,
  };
};
