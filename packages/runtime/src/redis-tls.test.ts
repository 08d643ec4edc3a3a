import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigError } from './environment.js';
import { hintsWithoutRedis, redisConfig } from './redis-backend.js';

let folder: string;
let ca: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tickwire-pem-'));
  ca = join(folder, 'ca.pem');
  writeFileSync(ca, '-----BEGIN CERTIFICATE-----\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const placeOf = (variables: Readonly<Record<string, string>>) => redisConfig(variables).place;
const pem = Buffer.from('-----BEGIN CERTIFICATE-----\n');

describe('certificates for Redis', () => {
  it('[R4] are used for every server that speaks TLS, and for no other', () => {
    expect(placeOf({ REDIS_URL: 'rediss://one,redis://two', REDIS_CA_FILE: ca })).toEqual({
      hosts: [{ url: 'rediss://one', tls: { ca: pem } }, 'redis://two'],
    });
    const files = { REDIS_CA_FILE: ca, REDIS_CERT_FILE: ca, REDIS_KEY_FILE: ca };
    const tls = { ca: pem, cert: pem, key: pem };
    expect(placeOf({ REDIS_URL: 'sentinel+tls://s1/m', ...files })).toMatchObject({ hosts: [{ name: 'm', tls }] });
    expect(placeOf({ REDIS_URL: 'cluster+tls://one', ...files })).toMatchObject({ cluster: { tls } });
  });

  it('[R4] without certificates the URL alone decides', () => {
    expect(placeOf({ REDIS_URL: 'rediss://one' })).toEqual({ hosts: ['rediss://one'] });
    expect(placeOf({ REDIS_URL: 'redis://one', REDIS_CA_FILE: '' })).toEqual({ hosts: ['redis://one'] });
  });

  it.each([
    [
      { REDIS_URL: 'redis://one', REDIS_CA_FILE: 'ca' },
      /^REDIS_CA_FILE is set, but REDIS_URL names a server without TLS/,
    ],
    [{ REDIS_URL: 'rediss://one', REDIS_CERT_FILE: 'ca' }, /belong together/],
    [
      { REDIS_URL: 'rediss://one', REDIS_CA_FILE: 'gone' },
      /^REDIS_CA_FILE is ".*gone", but that file cannot be read: ENOENT$/,
    ],
    [{ REDIS_URL: 'rediss://one', REDIS_CA_FILE: 'text' }, /^REDIS_CA_FILE is ".*text", but that file is not PEM$/],
  ] as [Record<string, string>, RegExp][])('[R4] %o is rejected', (variables, message) => {
    writeFileSync(join(folder, 'text'), 'hello');
    const path = (name: string): string => (name === 'ca' ? ca : join(folder, name));
    const given = Object.entries(variables).map(([name, value]) => [name, name === 'REDIS_URL' ? value : path(value)]);
    const start = () => placeOf(Object.fromEntries(given));
    expect(start).toThrow(ConfigError);
    expect(start).toThrow(message);
  });
});

describe('variables of Redis without REDIS_URL', () => {
  it('[R1] are warned of where nothing is asked of Redis, and so is a slip of its name', () => {
    const given = { REDIS_URI: 'redis://one', REDIS_PREFIX: 'mine', LAYER_PREFIX: '', SIM_RATE: '5' };
    expect(hintsWithoutRedis(given)).toEqual([
      'REDIS_URI is not a known variable: did you mean REDIS_URL? Without it everything is kept in memory',
      'REDIS_PREFIX is set, but REDIS_URL is not: everything is kept in memory',
    ]);
    expect(hintsWithoutRedis({ REDIS_URl: 'redis://one' })).toHaveLength(1);
  });
});
