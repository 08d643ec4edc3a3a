import { randomUUID } from 'node:crypto';
import type { Lease } from '../history.js';
import { createHistoryKeys, type HistoryKeyOptions } from './keys.js';
import { loadScript, type ScriptClient } from './scripts.js';

export interface RedisLeaseOptions extends Pick<HistoryKeyOptions, 'prefix' | 'hashTags'> {
  readonly client: ScriptClient;
  /**
   * The name that `holder` shows to operators. It need not be unique: two processes with one name are still two
   * holders.
   */
  readonly owner: string;
  /** Name of the lease. @default 'producer' */
  readonly name?: string;
  /** How long a silent holder keeps the others out. Renew at a third of it. @default 3_000 */
  readonly leaseMs?: number;
  /**
   * Distinguishes this holder from all others, and from an earlier start of the same process. @default
   * crypto.randomUUID
   */
  readonly newId?: () => string;
}

/**
 * A lease in Redis. Its token is above the last one, above those this process knows of, and at least Redis' clock in
 * milliseconds: it increases even if Redis loses its memory and has another clock, as long as somebody remembers.
 *
 * A holder cannot know that it still holds the lease (it may have been paused since it asked): the fence of
 * `History.append` keeps a late writer out, not the lease.
 */
export const createRedisLease = (options: RedisLeaseOptions): Lease => {
  const { client, owner, name = 'producer', leaseMs = 3_000, newId = randomUUID } = options;
  const keys = createHistoryKeys(options);
  const leaseKey = keys.lease(name);
  const tokenKey = keys.leaseToken(name);
  const acquireScript = loadScript('lease-acquire');
  const releaseScript = loadScript('lease-release');
  const holderScript = loadScript('lease-holder');
  const id = newId();
  let highest = 0;

  const learn = (text: unknown): number => {
    const token = Number(String(text));
    // Anybody may have written there: what cannot be counted up from is not a token.
    if (Number.isSafeInteger(token + 1)) highest = Math.max(highest, token);
    return token;
  };

  return {
    async acquire() {
      const given = [id, owner, leaseMs, highest];
      const reply = await client.run(acquireScript, leaseKey, [leaseKey, tokenKey], given);
      const [isGranted, text] = reply as readonly [number, Buffer];
      const token = learn(text);
      return isGranted === 1 ? token : undefined;
    },
    async release() {
      await client.run(releaseScript, leaseKey, [leaseKey], [id]);
    },
    async holder() {
      const [holder, token] = (await client.run(holderScript, leaseKey, [leaseKey], [])) as (Buffer | null)[];
      if (!holder || !token) return undefined;
      return { owner: holder.toString(), token: learn(token) };
    },
  };
};
