import type { IncomingMessage } from 'node:http';
import { createStateLog, type Logger } from '@tickwire/runtime';
import type { TokenConfig } from './access-config.js';
import { grantOf } from './claims.js';
import type { Grant } from './grant.js';
import { TokenRefused } from './grant.js';
import { createTokenKeys } from './token-keys.js';

/** Decides who may connect and what they may do. */
export interface Access {
  /**
   * Returns what the bearer of a token may do.
   * @throws TokenRefused
   */
  verify(token: string | undefined): Promise<Grant>;
  /** Failed fetches of keys since the start. */
  readonly failedFetches: number;
}

export interface AccessOptions {
  readonly logger: Logger;
  /** Milliseconds since the Unix epoch. @default Date.now */
  readonly now?: () => number;
}

/** Far longer than claims need; a longer token is not even decoded. */
const maxTokenLength = 8_192;
/** Keys that are tried for a token without a key id. A provider has an old and a new one; each try costs, and anybody may send tokens. */
const maxCandidates = 4;
/** Clocks differ: a token may be used this long before its `nbf`. */
const toleranceSeconds = 5;

/** @throws ConfigError for a key that cannot be used. */
export const createAccess = (config: TokenConfig, { logger, now = Date.now }: AccessOptions): Access => {
  const { audience, issuer, defaultAllow } = config;
  const fetches = createStateLog({
    logger,
    trouble: 'the keys for checking tokens cannot be fetched',
    over: 'the keys for checking tokens can be fetched again',
  });
  const mistakes = createStateLog({ logger, trouble: 'tokens are issued with claims that cannot be used' });
  const { algorithms, get } = createTokenKeys(config.key, fetches);
  // Loaded here: a gateway without tokens starts without it.
  const jose = import('jose');

  const payloadOf = async (token: string): Promise<unknown> => {
    const { jwtVerify, errors } = await jose;
    const checks = {
      algorithms: [...algorithms],
      ...(audience !== undefined && { audience }),
      ...(issuer !== undefined && { issuer }),
      clockTolerance: toleranceSeconds,
      currentDate: new Date(now()),
    };
    try {
      return (await jwtVerify(token, get, checks)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw refusalOf(error, errors);
      let tried = 0;
      for await (const key of error) {
        tried += 1;
        if (tried > maxCandidates) break;
        try {
          return (await jwtVerify(token, key, checks)).payload;
        } catch (failed) {
          if (!(failed instanceof errors.JWSSignatureVerificationFailed)) throw refusalOf(failed, errors);
        }
      }
      throw refusalOf(error, errors);
    }
  };

  return {
    get failedFetches() {
      return fetches.failures;
    },
    async verify(token) {
      if (token === undefined || token === '') throw new TokenRefused('missing', 'token required');
      if (token.length > maxTokenLength) throw new TokenRefused('invalid', 'token too long');
      const payload = await payloadOf(token);
      const grant = grantOf(payload, defaultAllow);
      if (typeof grant === 'string') {
        // It was signed with our key: the issuer makes the mistake, and all of its tokens have it.
        mistakes.failed({ problem: grant });
        throw new TokenRefused('invalid', grant);
      }
      // The tolerance applies to `nbf` only: an expired token is never accepted.
      if (grant.expiresAtMs !== undefined && grant.expiresAtMs <= now()) throw expired();
      return grant;
    },
  };
};

const expired = (): TokenRefused => new TokenRefused('expired', 'the token has expired');

type JoseErrors = typeof import('jose')['errors'];

/** Describes the fault in our own words: a library's message could write parts of a token to a log. */
const refusalOf = (error: unknown, errors: JoseErrors): TokenRefused => {
  if (error instanceof TokenRefused) return error;
  if (error instanceof errors.JWTExpired) return expired();
  if (error instanceof errors.JWTClaimValidationFailed) {
    return new TokenRefused('invalid', `claim ${error.claim} has the wrong value`);
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return new TokenRefused('invalid', 'the algorithm is not allowed');
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) {
    return new TokenRefused('invalid', 'unknown key');
  }
  return new TokenRefused('invalid', 'bad token or signature');
};

/**
 * The token of a request: `Authorization: Bearer`, else `?token=`, else the cookie if one is configured. A browser
 * cannot set headers of a WebSocket; the cookie is safe there because the origin is checked.
 */
export const tokenOf = (
  request: Pick<IncomingMessage, 'headers'>,
  query: URLSearchParams,
  cookie: string | undefined,
): string | undefined =>
  /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1] ??
  query.get('token') ??
  (cookie === undefined ? undefined : cookieOf(request.headers.cookie ?? '', cookie));

const cookieOf = (header: string, name: string): string | undefined => {
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=');
    if (at !== -1 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
};
