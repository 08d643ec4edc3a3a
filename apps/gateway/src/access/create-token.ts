import { type Clock, createSystemClock } from '@tickwire/protocol';
import { ConfigError } from '@tickwire/runtime';
import type { AccessConfig } from './access-config.js';
import { grantOf } from './claims.js';

export interface TokenWishes {
  readonly user: string;
  /** Patterns of the allowed channels. @default those of AUTH_ALLOW */
  readonly allow?: readonly string[];
  readonly minutes: number;
}

/**
 * Makes a token for trials, which the gateway with this configuration accepts.
 * @throws ConfigError if the token could not be signed, or would be rejected.
 */
export const createToken = async (
  { tokens }: AccessConfig,
  { user, allow, minutes }: TokenWishes,
  clock: Pick<Clock, 'wall'> = createSystemClock(),
): Promise<string> => {
  if (tokens?.key.kind !== 'secret') {
    throw new ConfigError('a token can be made with AUTH=jwt and AUTH_JWT_SECRET: other keys sign elsewhere');
  }
  const { key, audience, issuer, defaultAllow } = tokens;
  const claims = {
    sub: user,
    exp: Math.floor(clock.wall() / 1_000) + minutes * 60,
    ...(audience !== undefined && { aud: audience }),
    ...(issuer !== undefined && { iss: issuer }),
    ...(allow !== undefined && { tickwire: { allow } }),
  };
  const grant = grantOf(claims, defaultAllow);
  if (typeof grant === 'string') throw new ConfigError(`the token would be rejected: ${grant}`);
  const { SignJWT } = await import('jose');
  return new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(key.secret));
};
