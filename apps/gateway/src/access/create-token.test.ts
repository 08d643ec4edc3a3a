import { describe, expect, it } from '@jest/globals';
import { createStateLog, readEnvironment } from '@tickwire/runtime';
import { jwtVerify } from 'jose';
import { accessConfig, accessVariables } from './access-config.js';
import { createToken } from './create-token.js';
import { createTokenKeys } from './token-keys.js';

const secret = 'a secret of at least thirty-two characters';
const clock = { wall: () => 1_700_000_000_999 };
const configOf = (environment: Readonly<Record<string, string>>) =>
  accessConfig(readEnvironment({ access: accessVariables }, environment).values.access);
const withSecret = { AUTH: 'jwt', AUTH_JWT_SECRET: secret };

describe('a token for trials', () => {
  it('[E115] is accepted by the gateway with the same configuration, and expires in time', async () => {
    const config = configOf({ ...withSecret, AUTH_AUDIENCE: 'me', AUTH_ISSUER: 'you' });
    const token = await createToken(config, { user: 'ann', allow: ['trade.*'], minutes: 5 }, clock);
    if (config.tokens === undefined) throw new Error('no keys');
    const fetches = createStateLog({ logger: { warn() {}, info() {} }, trouble: 'keys' });
    const { get, algorithms } = createTokenKeys(config.tokens.key, fetches);
    const verified = await jwtVerify(token, get, {
      algorithms: [...algorithms],
      audience: 'me',
      issuer: 'you',
      currentDate: new Date(clock.wall()),
    });
    expect(verified.payload).toMatchObject({ sub: 'ann', exp: 1_700_000_300, tickwire: { allow: ['trade.*'] } });
  });

  it('[E115] a token that could not be signed, or would be rejected, is not made', async () => {
    const wishes = { user: 'ann', minutes: 1 };
    const made = (environment: Readonly<Record<string, string>>, more = {}) =>
      createToken(configOf(environment), { ...wishes, ...more }, clock);
    await expect(made({})).rejects.toThrow('a token can be made with AUTH=jwt and AUTH_JWT_SECRET');
    await expect(made({ AUTH: 'jwt', AUTH_JWKS_URL: 'http://keys/' })).rejects.toThrow('a token can be made with');
    await expect(made(withSecret, { allow: ['a b'] })).rejects.toThrow('claim tickwire.allow.0 cannot be used');
    await expect(made(withSecret, { user: 'a'.repeat(256) })).rejects.toThrow('claim sub cannot be used');
  });
});
