import { everyChannel, isChannelPattern } from '@tickwire/protocol';
import { ConfigError, type ConfigOf, oneOf, wholeNumber, wordList } from '@tickwire/runtime';
import { z } from 'zod';

const httpUrl = z.string().refine((text) => /^https?:$/.test(protocolOf(text)), { error: 'an http(s) address' });

/** Variables that decide who may connect. */
export const accessVariables = {
  AUTH: oneOf(['off', 'jwt']),
  /** A line end that came along with it would be part of the key, and every token wrong. */
  AUTH_JWT_SECRET: z
    .string()
    .regex(/^\S.{30,}\S$/s, { error: 'at least 32 characters, without a space or line end around them' })
    .optional(),
  AUTH_JWT_PUBLIC_KEY: z.string().optional(),
  AUTH_JWKS_URL: httpUrl.optional(),
  AUTH_JWKS_COOLDOWN_MS: wholeNumber(0, 3_600_000, 30_000),
  AUTH_JWKS_MAX_STALE_MS: wholeNumber(0, 2_592_000_000, 86_400_000),
  AUTH_AUDIENCE: z.string().optional(),
  AUTH_ISSUER: z.string().optional(),
  AUTH_ALLOW: wordList(isChannelPattern, 'patterns of channels separated by commas').default([everyChannel]),
  AUTH_COOKIE: z
    .string()
    .regex(/^[\w-]{1,64}$/, { error: 'a name of letters, digits, - and _' })
    .optional(),
} as const;

type Variables = ConfigOf<typeof accessVariables>;

/** How tokens are checked; there is exactly one kind of key. */
export interface TokenConfig {
  readonly key:
    | { readonly kind: 'secret'; readonly secret: string }
    | { readonly kind: 'public'; readonly pem: string }
    | { readonly kind: 'jwks'; readonly url: string; readonly cooldownMs: number; readonly maxStaleMs: number };
  readonly audience: string | undefined;
  readonly issuer: string | undefined;
  /** Channel patterns for tokens that name none. */
  readonly defaultAllow: readonly string[];
}

export interface AccessConfig {
  /** Undefined if everybody may connect. */
  readonly tokens: TokenConfig | undefined;
  /** A cookie that may hold the token; undefined for none. */
  readonly cookie: string | undefined;
}

/** @throws ConfigError */
export const accessConfig = (variables: Variables): AccessConfig => {
  const { auth, authCookie: cookie } = variables;
  if (auth === 'jwt') return { tokens: tokenConfig(variables), cookie };
  // These settings only make sense if a token is required.
  const forgotten = Object.entries({
    AUTH_JWT_SECRET: variables.authJwtSecret,
    AUTH_JWT_PUBLIC_KEY: variables.authJwtPublicKey,
    AUTH_JWKS_URL: variables.authJwksUrl,
    AUTH_AUDIENCE: variables.authAudience,
    AUTH_ISSUER: variables.authIssuer,
  }).find(([, value]) => value !== undefined)?.[0];
  if (forgotten === undefined) return { tokens: undefined, cookie };
  throw new ConfigError(`${forgotten} is set, but AUTH is off, so everybody may connect: set AUTH=jwt, or unset it`);
};

const tokenConfig = (variables: Variables): TokenConfig => {
  const { authJwtSecret: secret, authJwtPublicKey: pem, authJwksUrl: url } = variables;
  const keys: TokenConfig['key'][] = [];
  if (secret !== undefined) keys.push({ kind: 'secret', secret });
  // A variable cannot hold line breaks: `\n` stands for them.
  if (pem !== undefined) keys.push({ kind: 'public', pem: pem.replaceAll('\\n', '\n') });
  if (url !== undefined) {
    const { authJwksCooldownMs: cooldownMs, authJwksMaxStaleMs: maxStaleMs } = variables;
    keys.push({ kind: 'jwks', url, cooldownMs, maxStaleMs });
  }
  const [key] = keys;
  if (key === undefined || keys.length > 1) {
    throw new ConfigError(
      'AUTH is jwt, but exactly one of AUTH_JWT_SECRET, AUTH_JWT_PUBLIC_KEY, AUTH_JWKS_URL must be set',
    );
  }
  const { authAudience: audience, authIssuer: issuer, authAllow: defaultAllow } = variables;
  return { key, audience, issuer, defaultAllow };
};

const protocolOf = (text: string): string => {
  try {
    return new URL(text).protocol;
  } catch {
    return '';
  }
};
