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

test.each([
  [{ PORT: 'eight' }, /^PORT is "eight", but must be a whole number from 0 to 65535$/],
  [{ MAX_OUTBOX_BYTES: '12' }, /^MAX_OUTBOX_BYTES is "12", but must be a whole number from 16384 to/],
  [{ LOG_LEVEL: 'loud' }, /^LOG_LEVEL is "loud", but must be one of info, fatal/],
])('[G138] %o is reported with the name, the value and what is allowed', (environment, line) => {
  expect(() => gatewayConfig(environment)).toThrow(line);
});

test('[G138] all that is wrong is reported at once', () => {
  const environment = { PORT: '-1', MAX_CONNECTIONS: '0', AUTH_COOKIE: 'a b', ALLOWED_HOSTS: 'a/b' };
  const lines = () => gatewayConfig(environment);
  expect(lines).toThrow(/PORT is "-1".*\nAUTH_COOKIE is "a b".*\nALLOWED_HOSTS is .*\nMAX_CONNECTIONS is "0"/);
});

test.each([
  [{ METRICS_PORT: '8000' }, 'METRICS_PORT and PORT are both 8000: each needs a port of its own'],
  [
    { METRICS_PORT: '9102', ADMIN_PORT: '9102', ADMIN_TOKEN: 'an operator of some kind' },
    'ADMIN_PORT and METRICS_PORT are both 9102: each needs a port of its own',
  ],
  [{ AUTH: 'jwt', ADMIN_PORT: '1' }, /^AUTH is jwt, but exactly one.*\nADMIN_PORT is set, but ADMIN_TOKEN is not/],
])('[G138] %o contradicts itself, and ends the start', (environment, sentence) => {
  expect(() => gatewayConfig(environment)).toThrow(sentence);
});

test('[G138] free ports are as many as there are servers, and words are read in any case', () => {
  const config = gatewayConfig({ PORT: '0', METRICS_PORT: '0', LOG_LEVEL: 'INFO', COMPRESSION: 'On', AUTH: 'OFF' });
  expect(config).toMatchObject({ port: 0, metricsPort: 0, logLevel: 'info', compression: true });
});

test('[G138] a variable that may be a slip is warned of', () => {
  expect(gatewayConfig({ MAX_CONECTIONS: '5', PORTS: '1' }).hints).toEqual([
    'MAX_CONECTIONS is not a known variable: did you mean MAX_CONNECTIONS?',
    'PORTS is not a known variable: did you mean PORT?',
  ]);
});
