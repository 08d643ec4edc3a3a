import { expect, test } from '@jest/globals';
import { gatewayConfig } from './config.js';

test.each([
  [{ ADMIN_PORT: '9102' }, /^ADMIN_PORT is set, but ADMIN_TOKEN is not/],
  [{ ADMIN_PORT: '9102', ADMIN_TOKEN: '' }, /^ADMIN_PORT is set, but ADMIN_TOKEN is not/],
  [{ AUTH_JWT_PUBLIC_KEY: 'a key' }, /^AUTH_JWT_PUBLIC_KEY is set, but AUTH is off/],
  [{ AUTH: 'off', AUTH_ISSUER: 'https://us' }, /^AUTH_ISSUER is set, but AUTH is off/],
])('[GL30] %o ends the start', (environment, sentence) => {
  expect(() => gatewayConfig(environment)).toThrow(sentence);
});

test('[GL30] nothing of these, empty ones too, is well', () => {
  const { access, adminPort } = gatewayConfig({ AUTH_JWT_SECRET: '', AUTH_JWKS_URL: '', ADMIN_PORT: '' });
  expect([access.tokens, adminPort]).toEqual([undefined, undefined]);
});

test('[GL29] an origin that no page can come from ends the start', () => {
  const start = () => gatewayConfig({ ALLOWED_ORIGINS: 'https://app.example.com,wss://app.example.com' });
  expect(start).toThrow(/^ALLOWED_ORIGINS is ".*", but must be origins separated by commas/);
});
