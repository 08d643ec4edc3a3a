import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expectNoRefusals } from './acl-log.js';
import { freePort } from './free-port.js';
import { isLimited, ownUsersPorts, readLimitedUsers, replicaArgs } from './limited-users.js';
import { waitFor } from './wait-for.js';

export interface RedisServerOptions {
  /** Further redis-server arguments: `['--appendonly', 'yes']`. */
  readonly args?: readonly string[];
  /** The port to use; by default a free one. */
  readonly port?: number;
}

/** A real redis-server of the test's own, in a folder of its own. Never on 6379. */
export interface RedisServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly pid: number;
  /** Stops it (`SIGTERM` by default) and waits. Its data folder stays, so that `start` finds what was persisted. */
  stop(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port, after `stop`. */
  start(): Promise<void>;
}

/** Where the test set-up found redis-server; otherwise on PATH. */
const redisServerBin = (): string => process.env['REDIS_SERVER_BIN'] ?? 'redis-server';

/** Starts a redis-server and resolves once it answers PING. */
export const startRedisServer = async (options: RedisServerOptions = {}): Promise<RedisServer> => {
  const dir = await mkdtemp(join(tmpdir(), 'tickwire-redis-'));
  const port = options.port ?? (await freePort());
  const { args: given = [] } = options;
  const hasOwnUsers = given.includes('--aclfile') || given.includes('--requirepass');
  const usersArgs: string[] = [];
  if (isLimited && hasOwnUsers) ownUsersPorts.add(port);
  if (isLimited && !hasOwnUsers) {
    const file = join(dir, 'users.acl');
    await writeFile(
      file,
      await readLimitedUsers(given.includes('--cluster-enabled') ? 'users-cluster.acl' : 'users.acl'),
    );
    usersArgs.push('--aclfile', file, ...replicaArgs());
  }
  let child: ChildProcess | undefined;

  const start = async (): Promise<void> => {
    const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', ''];
    const args = [...own, ...usersArgs, ...given];
    const started = spawn(redisServerBin(), args, { stdio: ['ignore', 'pipe', 'pipe'] });
    child = started;
    let output = '';
    const collect = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-4_000);
    };
    started.stdout?.on('data', collect);
    started.stderr?.on('data', collect);
    await once(started, 'spawn');
    await waitFor(`redis-server on port ${port}`, async () => {
      if (started.exitCode !== null) throw new Error(`redis-server ended with ${started.exitCode}: ${output}`);
      return answersPing(port);
    });
  };

  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGCONT');
    child.kill(signal);
    await exited;
  };

  await start();
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    get pid() {
      return child?.pid ?? 0;
    },
    stop,
    start,
    async [Symbol.asyncDispose]() {
      ownUsersPorts.delete(port);
      try {
        if (usersArgs.length > 0) await expectNoRefusals(port);
      } finally {
        await stop('SIGKILL');
        await rm(dir, { recursive: true, force: true });
      }
    },
  };
};

/** Log lines differ between Redis versions; PONG does not. A server that asks for a password is up as well. */
const answersPing = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' }, () => socket.write('PING\r\n'));
    socket.setTimeout(500, () => socket.destroy());
    socket.on('data', (data) => {
      resolve(/^(\+PONG|-NOAUTH)/.test(data.toString()));
      socket.destroy();
    });
    socket.on('error', () => resolve(false));
    socket.on('close', () => resolve(false));
  });
