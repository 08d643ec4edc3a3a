import type { StateLog } from '@tickwire/runtime';
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { TokenRefused } from './token-refused.js';

export interface RemoteKeysOptions {
  readonly url: string;
  /** Least time between two fetches that nothing but a token asks for, whether the last one went well or not. */
  readonly cooldownMs: number;
  /** How long keys are used that cannot be fetched again. */
  readonly maxStaleMs: number;
  /** Learns how fetches went. */
  readonly fetches: Pick<StateLog, 'failed' | 'worked'>;
  /** Milliseconds, never back. @default performance.now */
  readonly now?: () => number;
}

/** Longer than any identity provider takes that is well. */
const fetchTimeoutMs = 3_000;
/** Keys are fetched anew after this, and, but for the cooldown, at once when a token names one that is not known. */
const maxAgeMs = 600_000;
/** Far more than the keys of any identity provider. */
const maxBodyBytes = 1_048_576;

/** What was fetched last. */
interface Known {
  readonly get: JWTVerifyGetKey;
  readonly fetchedAt: number;
}

/**
 * The keys of an identity provider. While it is away the keys that are known go on being used, and it is asked once a
 * cooldown, however many clients knock. A token that names an unknown key is not taken then, but that says nothing of it.
 */
export const createRemoteKeys = (options: RemoteKeysOptions): JWTVerifyGetKey => {
  const { url, cooldownMs, maxStaleMs, fetches, now = () => performance.now() } = options;
  let known: Known | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  let problem: TokenRefused | undefined;
  let asking: Promise<void> | undefined;

  const ask = async (): Promise<void> => {
    askedAt = now();
    try {
      known = { get: createLocalJWKSet(await fetchKeys(url)), fetchedAt: now() };
      problem = undefined;
      fetches.worked();
    } catch (error) {
      problem =
        error instanceof TokenRefused ? error : new TokenRefused('unavailable', 'the keys fetched cannot be read');
      fetches.failed({ problem: problem.message });
    } finally {
      asking = undefined;
    }
  };
  /** All who ask meanwhile share one fetch. Resolves however it went. */
  const refresh = (): Promise<void> => {
    if (asking === undefined && now() - askedAt >= cooldownMs) asking = ask();
    return asking ?? Promise.resolve();
  };
  const ageMs = (): number => (known === undefined ? Number.POSITIVE_INFINITY : now() - known.fetchedAt);

  return async (header, token) => {
    if (ageMs() > maxAgeMs) await refresh();
    if (known === undefined || ageMs() > maxAgeMs + maxStaleMs) throw problem ?? notFetched();
    try {
      return await known.get(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await refresh();
      // The provider may have said so to others only.
      if (problem !== undefined) throw problem;
      return known.get(header, token);
    }
  };
};

const notFetched = (): TokenRefused => new TokenRefused('unavailable', 'keys cannot be fetched');

/** Keys that cannot be had say nothing about the token. */
const fetchKeys = async (url: string): Promise<JSONWebKeySet> => {
  const signal = AbortSignal.timeout(fetchTimeoutMs);
  const response = await fetch(url, { redirect: 'manual', signal, headers: { Accept: 'application/json' } }).catch(
    (cause: unknown) => {
      throw new TokenRefused('unavailable', 'keys cannot be fetched', { cause });
    },
  );
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new TokenRefused('unavailable', `keys cannot be fetched: status ${response.status}`);
  }
  return JSON.parse(await readBody(response)) as JSONWebKeySet;
};

const readBody = async (response: Response): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw new TokenRefused('unavailable', 'the keys fetched are too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
};
