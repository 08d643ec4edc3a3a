import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { type Login, loginOf, type RedisUser, readUsers, type UsersFile } from './limited-users.js';
import { connectRedis } from './redis-history.js';
import { type RedisServer, startRedisServer } from './redis-server.js';

/** A real Redis with the users of a file in deploy/redis, their passwords filled in, and an operator. */
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
  const file = join(folder, 'users.acl');
  await writeFile(file, await readUsers(name));
  const server = await startRedisServer({ args: ['--aclfile', file, ...args] });
  return {
    server,
    urlOf(user) {
      const { username, password } = loginOf(user);
      return server.url.replace('//', `//${username}:${password}@`);
    },
    loginOf,
    connect: (user) => connectRedis(server.port, loginOf(user)),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
