import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Redis } from 'ioredis';
import { connectRedis, type Login } from './redis-history.js';
import { type RedisServer, startRedisServer } from './redis-server.js';

const usersFile = (name: UsersFile): string => fileURLToPath(new URL(`../../deploy/redis/${name}`, import.meta.url));
const passwords = { producer: 'producer-password', gateway: 'gateway-password', operator: 'operator-password' };

export type UsersFile = 'users.acl' | 'users-cluster.acl';

/** A user of a file in deploy/redis, or one who may do everything. */
export type RedisUser = keyof typeof passwords;

/** A real Redis with the users of a file in deploy/redis, their passwords filled in, and nobody else but an operator. */
export interface RedisWithUsers extends AsyncDisposable {
  readonly server: RedisServer;
  urlOf(user: RedisUser): string;
  loginOf(user: RedisUser): Login;
  connect(user: RedisUser): Promise<Redis>;
}

export const startRedisWithUsers = async (
  name: UsersFile = 'users.acl',
  args: readonly string[] = [],
): Promise<RedisWithUsers> => {
  const folder = await mkdtemp(join(tmpdir(), 'tickwire-users-'));
  const users = (await readFile(usersFile(name), 'utf8'))
    .replace('PRODUCER_PASSWORD', passwords.producer)
    .replace('GATEWAY_PASSWORD', passwords.gateway);
  const file = join(folder, 'users.acl');
  await writeFile(file, `${users}user tickwire-operator on >${passwords.operator} allkeys allchannels allcommands\n`);
  const server = await startRedisServer({ args: ['--aclfile', file, ...args] });
  const loginOf = (user: RedisUser): Login => ({ username: `tickwire-${user}`, password: passwords[user] });
  return {
    server,
    urlOf: (user) => server.url.replace('//', `//tickwire-${user}:${passwords[user]}@`),
    loginOf,
    connect: (user) => connectRedis(server.port, loginOf(user)),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
