import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { RedisOptions } from 'ioredis';

export type Login = Pick<RedisOptions, 'username' | 'password'>;

/** A file of deploy/redis. */
export type UsersFile = 'users.acl' | 'users-cluster.acl';

/** A user of such a file, or the operator, who may do everything. */
export type RedisUser = 'producer' | 'gateway' | 'operator';

const passwords: Readonly<Record<RedisUser, string>> = {
  producer: 'producer-password',
  gateway: 'gateway-password',
  operator: 'operator-password',
};

export const loginOf = (user: RedisUser): { readonly username: string; readonly password: string } => ({
  username: `tickwire-${user}`,
  password: passwords[user],
});

/** Whether every Redis of the tests has the users of deploy/redis, as in `npm run test:acl`. */
export const isLimited = process.env['TICKWIRE_TEST_REDIS_USERS'] === '1';

/** The login for what a test itself does to a Redis: CONFIG, CLIENT KILL, FLUSHALL, reading keys. */
export const operatorLogin: Login = isLimited ? loginOf('operator') : {};

/**
 * The login for product code that a test runs itself: none. In `npm run test:acl` that has the permissions of both
 * users.
 */
export const processLogin: Login = {};

/** Ports of Redis servers that have other users than those of deploy/redis. */
export const ownUsersPorts = new Set<number>();

/** Adds a login to the URL, unless it has one, the Redis there has other users, or everybody may do everything. */
export const urlFor = (user: RedisUser, url: string): string => {
  if (!isLimited || url.includes('@') || url.startsWith('unix:')) return url;
  if ([...url.matchAll(/:(\d+)/g)].some(([, port]) => ownUsersPorts.has(Number(port)))) return url;
  const { username, password } = loginOf(user);
  return url.replaceAll('//', `//${username}:${password}@`);
};

/** The users of a file with their passwords, and the operator. */
export const readUsers = async (name: UsersFile): Promise<string> => {
  const path = fileURLToPath(new URL(`../../deploy/redis/${name}`, import.meta.url));
  const users = (await readFile(path, 'utf8'))
    .replace('PRODUCER_PASSWORD', passwords.producer)
    .replace('GATEWAY_PASSWORD', passwords.gateway);
  return `${users}user tickwire-operator on >${passwords.operator} allkeys allchannels allcommands\n`;
};

/** Redis loads transactions of an append-only file without any permissions, and writes PEXPIRE as PEXPIREAT there. */
const loadsExpiry = '~tickwire:* -@all +pexpireat';
/** A database number in a URL, which one test uses and installations with these users do not. */
const choosesDatabase = '-@all +select';

/**
 * The same, and for clients that do not log in the permissions of both users: each command that the file allows, with
 * any prefix of keys and channels, because many tests use their own. Needs the selectors of Redis 7.
 */
export const readLimitedUsers = async (name: UsersFile): Promise<string> => {
  const users = await readUsers(name);
  const selectors = ['producer', 'gateway'].flatMap((user) => {
    const rules = new RegExp(`^user tickwire-${user} on >\\S+ (.*)$`, 'm').exec(users)?.[1] ?? '';
    const [root = '', ...further] = rules.split(/[()]/).map((part) => part.trim());
    return [root, ...further.filter((part) => part !== '')];
  });
  const anyPrefix = (rules: string): string => rules.replaceAll('~tickwire:', '~*:').replaceAll(/&asgi\S*/g, '&*');
  const both = [...selectors, loadsExpiry, choosesDatabase].map((rules) => `(${anyPrefix(rules)})`).join(' ');
  return users.replace(/^user default off.*$/m, `user default on nopass resetchannels -@all ${both}`);
};

/** Arguments with which replicas follow a master. */
export const replicaArgs = (): readonly string[] => {
  const { username, password } = loginOf('operator');
  return ['--masteruser', username, '--masterauth', password];
};

/** Lines of a Sentinel's configuration. */
export const sentinelLogin = (master: string): readonly string[] => {
  const { username, password } = loginOf('operator');
  return isLimited ? [`sentinel auth-user ${master} ${username}`, `sentinel auth-pass ${master} ${password}`] : [];
};

/** Arguments of MIGRATE for the server that receives the keys. */
export const migrateLogin = (): readonly string[] => {
  const { username, password } = loginOf('operator');
  return isLimited ? ['AUTH2', username, password] : [];
};
