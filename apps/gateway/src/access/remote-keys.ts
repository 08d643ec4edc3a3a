import { types } from 'node:util';
import type { StateLog } from '@tickwire/runtime';
import type { JSONWebKeySet, JWK, JWTVerifyGetKey } from 'jose';
import { TokenRefused } from './grant.js';

export interface RemoteKeysOptions {
  readonly url: string;
  /** Least time between two fetches that only tokens cause, whether the last one succeeded or not. */
  readonly cooldownMs: number;
  /** How long keys are used while they cannot be fetched again. */
  readonly maxStaleMs: number;
  /** Receives the outcome of fetches. */
  readonly fetches: Pick<StateLog, 'failed' | 'worked'>;
  /** Milliseconds that never go back. @default performance.now */
  readonly now?: () => number;
}

/** Longer than any working identity provider takes. */
const fetchTimeoutMs = 3_000;
/** Keys are fetched again after this time, and at once (after the cooldown) when a token names an unknown key. */
const maxAgeMs = 600_000;
/** Far larger than the keys of any identity provider. */
const maxBodyBytes = 1_048_576;

/** The keys fetched last. */
interface Known {
  readonly get: JWTVerifyGetKey;
  readonly fetchedAt: number;
}

/**
 * The keys of an identity provider. While it is unreachable the known keys stay in use, and it is asked once per
 * cooldown, however many clients connect. A token with an unknown key is then rejected as `unavailable`: the token
 * itself may be valid.
 */
export const createRemoteKeys = (options: RemoteKeysOptions): JWTVerifyGetKey => {
  const { url, cooldownMs, maxStaleMs, fetches, now = () => performance.now() } = options;
  let known: Known | undefined;
  let askedAt = Number.NEGATIVE_INFINITY;
  let problem: TokenRefused | undefined;
  let asking: Promise<void> | undefined;
  const jose = import('jose');

  const ask = async (): Promise<void> => {
    askedAt = now();
    try {
      const { createLocalJWKSet } = await jose;
      known = { get: createLocalJWKSet(await fetchKeys(url)), fetchedAt: now() };
      problem = undefined;
      fetches.worked();
    } catch (error) {
      problem =
        error instanceof TokenRefused ? error : new TokenRefused('unavailable', 'the fetched keys cannot be read');
      fetches.failed({ problem: problem.message, reason: innermost(error) });
    } finally {
      asking = undefined;
    }
  };
  /** Concurrent callers share one fetch. Resolves whatever the outcome. */
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
      const { errors } = await jose;
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await refresh();
      // The failed fetch may have been another caller's.
      if (problem !== undefined) throw problem;
      return known.get(header, token);
    }
  };
};

/** Why the request failed: `fetch` itself says only that it did. An error of several addresses has a code and no text. */
const innermost = (error: unknown): string | undefined => {
  if (!types.isNativeError(error)) return undefined;
  return innermost(error.cause) ?? (error.message || (error as NodeJS.ErrnoException).code);
};

const notFetched = (): TokenRefused => new TokenRefused('unavailable', 'keys cannot be fetched');

/** If the keys cannot be fetched, the token may still be valid. */
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
  return usableKeys(JSON.parse(await readBody(response)));
};

/** One bad entry must not lock out the holders of all others, nor an empty set those of every known key. */
const usableKeys = (answer: unknown): JSONWebKeySet => {
  const { keys } = (answer ?? {}) as { readonly keys?: unknown };
  const usable = Array.isArray(keys) ? keys.filter(isKey) : [];
  if (usable.length === 0) throw new TokenRefused('unavailable', 'the answer holds no keys');
  return { keys: usable };
};

const isKey = (entry: unknown): entry is JWK => typeof (entry as Partial<JWK> | null)?.kty === 'string';

const readBody = async (response: Response): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw new TokenRefused('unavailable', 'the fetched keys are too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
};
