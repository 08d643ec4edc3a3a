import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createRemoteKeys } from './remote-keys.js';

const hourMs = 3_600_000;
const { publicKey } = generateKeyPairSync('ed25519');
const keysJson = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'known', use: 'sig' }] });
const wellKept = (response: ServerResponse): void => void response.end(keysJson);

describe('keys of an identity provider', () => {
  let http: Server;
  let url: string;
  let answer = wellKept;
  let requests = 0;

  beforeAll(async () => {
    http = createServer((_request, response) => {
      requests += 1;
      answer(response);
    }).listen(0, '127.0.0.1');
    await once(http, 'listening');
    url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/keys`;
  });
  beforeEach(() => {
    answer = wellKept;
    requests = 0;
  });
  afterAll(() => {
    http.close();
    http.closeAllConnections();
  });

  const open = () => {
    const clock = { ms: 0 };
    const noted: string[] = [];
    const fetches = { failed: () => noted.push('failed'), worked: () => noted.push('worked') };
    const get = createRemoteKeys({ url, cooldownMs: 30_000, maxStaleMs: 24 * hourMs, fetches, now: () => clock.ms });
    const outcome = (kid: string): Promise<string> =>
      Promise.resolve(get({ alg: 'EdDSA', kid }, { payload: '', signature: '' })).then(
        () => 'a key',
        (error: Error & { code: string }) => error.code,
      );
    return { clock, noted, outcome };
  };
  const unknown = 'ERR_JWKS_NO_MATCHING_KEY';
  const broken = (response: ServerResponse): void => void response.writeHead(500).end();

  test('[GL34] a provider that does not answer is reported with what the connection met', async () => {
    const details: unknown[] = [];
    const fetches = { failed: (given: unknown) => details.push(given), worked: () => {} };
    const nobody = createServer().listen(0, '127.0.0.1');
    await once(nobody, 'listening');
    const { port } = nobody.address() as AddressInfo;
    nobody.close();
    await once(nobody, 'close');
    const get = createRemoteKeys({ url: `http://127.0.0.1:${port}/`, cooldownMs: 0, maxStaleMs: 0, fetches });
    await expect(get({ alg: 'EdDSA' }, { payload: '', signature: '' })).rejects.toThrow('keys cannot be fetched');
    expect(details).toEqual([{ problem: 'keys cannot be fetched', reason: `connect ECONNREFUSED 127.0.0.1:${port}` }]);
  });

  test('[GL34] known keys stay in use while the provider is unreachable, for a day', async () => {
    const { clock, outcome } = open();
    expect(await outcome('known')).toBe('a key');
    answer = broken;
    clock.ms = 24 * hourMs;
    expect(await outcome('known')).toBe('a key');
    expect(requests).toBe(2);
    clock.ms = 24 * hourMs + 600_001;
    expect(await outcome('known')).toBe('unavailable');
    answer = wellKept;
    expect(await outcome('known')).toBe('unavailable');
    clock.ms += 30_000;
    expect(await outcome('known')).toBe('a key');
  });

  test.each<[string, (response: ServerResponse) => void]>([
    ['answers 500', broken],
    ['returns a page', (response) => void response.end('<html>')],
    ['sends elsewhere', (response) => void response.writeHead(302, { Location: url }).end()],
    ['hangs up', (response) => void response.destroy()],
    ['returns JSON without keys', (response) => void response.end('{"keys":7}')],
    ['returns an empty set', (response) => void response.end('{"keys":[]}')],
    ['returns no key that can be used', (response) => void response.end('{"keys":[null,7,{"kid":"known"}]}')],
    ['returns an endless body', (response) => void response.end(`{"keys":["${'x'.repeat(2_000_000)}"]}`)],
  ])(
    '[GL34] a provider that %s is asked once per cooldown, however many tokens name an unknown key',
    async (_what, bad) => {
      const { clock, noted, outcome } = open();
      expect(await outcome('known')).toBe('a key');
      clock.ms = 30_000;
      answer = bad;
      const outcomes = await Promise.all(Array.from({ length: 50 }, (_, index) => outcome(`x${index}`)));
      for (let count = 0; count < 51; count += 1) outcomes.push(await outcome(`y${count}`));
      expect([requests, new Set(outcomes)]).toEqual([2, new Set(['unavailable'])]);
      expect(await outcome('known')).toBe('a key');
      answer = wellKept;
      clock.ms = 60_000;
      expect([await outcome('z'), await outcome('z')]).toEqual([unknown, unknown]);
      expect([requests, noted]).toEqual([3, ['worked', 'failed', 'worked']]);
    },
  );

  test('[GL390] one entry that is no key costs the others nothing', async () => {
    const { keys } = JSON.parse(keysJson) as { keys: unknown[] };
    answer = (response) => void response.end(JSON.stringify({ keys: [null, 'x', [], { kid: 'odd' }, ...keys] }));
    const { noted, outcome } = open();
    expect(await outcome('known')).toBe('a key');
    expect(await outcome('odd')).toBe(unknown);
    expect(noted).toEqual(['worked']);
  });

  test('[GL34] a provider that is unreachable from the start is asked once per cooldown as well', async () => {
    answer = broken;
    const { clock, outcome } = open();
    for (let count = 0; count < 10; count += 1) expect(await outcome('known')).toBe('unavailable');
    expect(requests).toBe(1);
    answer = wellKept;
    clock.ms = 30_000;
    expect(await outcome('known')).toBe('a key');
  });
});
