import { createStateLog, type Logger } from '@tickwire/runtime';
import { errors, jwtVerify } from 'jose';
import type { TokenConfig } from './access-config.js';
import { grantOf } from './claims.js';
import type { Grant } from './grant.js';
import { createTokenKeys } from './token-keys.js';
import { TokenRefused } from './token-refused.js';

/** Who may come in, and what they may do there. */
export interface Access {
  /**
   * What the bearer of a token may do.
   * @throws TokenRefused
   */
  verify(token: string | undefined): Promise<Grant>;
  /** Fetches of keys that failed since the start. */
  readonly failedFetches: number;
}

export interface AccessOptions {
  readonly logger: Logger;
  /** Milliseconds since the Unix epoch. @default Date.now */
  readonly now?: () => number;
}

/** Far more than claims need; what is longer is not even decoded. */
const maxTokenLength = 8_192;
/** Clocks differ: a token may be used so much before its `nbf`. */
const toleranceSeconds = 5;

/** @throws ConfigError for a key that cannot be used. */
export const createAccess = (config: TokenConfig, { logger, now = Date.now }: AccessOptions): Access => {
  const { audience, issuer, defaultAllow } = config;
  const fetches = createStateLog({
    logger,
    trouble: 'keys that tokens are checked with cannot be fetched',
    over: 'keys that tokens are checked with can be fetched again',
  });
  const mistakes = createStateLog({ logger, trouble: 'tokens are issued with claims that cannot be used' });
  const { algorithms, get } = createTokenKeys(config.key, fetches);

  const payloadOf = async (token: string): Promise<unknown> => {
    try {
      const { payload } = await jwtVerify(token, get, {
        algorithms: [...algorithms],
        ...(audience !== undefined && { audience }),
        ...(issuer !== undefined && { issuer }),
        clockTolerance: toleranceSeconds,
        currentDate: new Date(now()),
      });
      return payload;
    } catch (error) {
      throw refusalOf(error);
    }
  };

  return {
    get failedFetches() {
      return fetches.failures;
    },
    async verify(token) {
      if (token === undefined || token === '') throw new TokenRefused('missing', 'a token is needed');
      if (token.length > maxTokenLength) throw new TokenRefused('invalid', 'the token is too long');
      const payload = await payloadOf(token);
      const grant = grantOf(payload, defaultAllow);
      if (typeof grant === 'string') {
        // It was signed with our key: whoever issues tokens makes the mistake, and all of theirs have it.
        mistakes.failed({ problem: grant });
        throw new TokenRefused('invalid', grant);
      }
      // The tolerance is for `nbf`: nobody is let in whose time is over.
      if (grant.expiresAtMs !== undefined && grant.expiresAtMs <= now()) throw expired();
      return grant;
    },
  };
};

const expired = (): TokenRefused => new TokenRefused('expired', 'the token has expired');

/** Says what is wrong in our own words: nothing of a token may end in a log by way of a library's message. */
const refusalOf = (error: unknown): TokenRefused => {
  if (error instanceof TokenRefused) return error;
  if (error instanceof errors.JWTExpired) return expired();
  if (error instanceof errors.JWTClaimValidationFailed) {
    return new TokenRefused('invalid', `claim ${error.claim} is not what it must be`);
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return new TokenRefused('invalid', 'the algorithm is not allowed');
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) {
    return new TokenRefused('invalid', 'the token names no key that is known');
  }
  return new TokenRefused('invalid', 'the token or its signature is bad');
};
