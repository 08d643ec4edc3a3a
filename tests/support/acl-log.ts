import { Redis } from 'ioredis';
import { loginOf } from './limited-users.js';

const answerMs = 1_000;
/** Libraries report their own names and search for keys. Nobody needs either, so a rejection of these is ignored. */
const idle = ['client|setinfo', 'client|setname', 'scan'];

/**
 * Checks what a Redis with the users of deploy/redis rejected. A server that no longer answers is not asked.
 * @throws Error if it rejected a command, a key or a channel of any user
 */
export const expectNoRefusals = async (port: number): Promise<void> => {
  const refused = await readRefusals(port);
  if (refused.length > 0) throw new Error(`Redis refused, by its ACL LOG: ${refused.join('; ')}`);
};

const readRefusals = async (port: number): Promise<string[]> => {
  const redis = new Redis({
    ...loginOf('operator'),
    host: '127.0.0.1',
    port,
    lazyConnect: true,
    connectTimeout: answerMs,
    commandTimeout: answerMs,
    retryStrategy: () => null,
  });
  redis.on('error', () => {});
  try {
    await redis.connect();
    const entries = (await redis.call('ACL', 'LOG')) as unknown[][];
    return entries.map(fieldsOf).flatMap(({ reason, object, username, context }) => {
      if (reason === 'auth' || idle.includes(String(object))) return [];
      return [`${username}: ${reason} ${object} (${context})`];
    });
  } catch {
    return [];
  } finally {
    redis.disconnect();
  }
};

const fieldsOf = (entry: readonly unknown[]): Readonly<Record<string, unknown>> => {
  const fields: Record<string, unknown> = {};
  for (let at = 0; at + 1 < entry.length; at += 2) fields[String(entry[at])] = entry[at + 1];
  return fields;
};
