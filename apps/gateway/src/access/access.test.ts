import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@jest/globals';
import { createLogger } from '@tickwire/runtime';
import { SignJWT } from 'jose';
import { createAccess } from './access.js';

const signed = (key: KeyObject): Promise<string> =>
  new SignJWT({ sub: 'u' }).setProtectedHeader({ alg: 'EdDSA' }).setExpirationTime('1h').sign(key);

test('[GL391] a token without a key id is accepted whichever of the published keys signed it, and no other', async () => {
  const pairs = Array.from({ length: 6 }, () => generateKeyPairSync('ed25519'));
  const [old, next, unpublished] = pairs.map(({ privateKey }) => privateKey);
  let published = pairs.slice(0, 2);
  const http = createServer((_request, response) => {
    response.end(JSON.stringify({ keys: published.map(({ publicKey }) => publicKey.export({ format: 'jwk' })) }));
  }).listen(0, '127.0.0.1');
  await once(http, 'listening');
  try {
    const open = () =>
      createAccess(
        {
          key: {
            kind: 'jwks',
            url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/`,
            cooldownMs: 0,
            maxStaleMs: 0,
          },
          audience: undefined,
          issuer: undefined,
          defaultAllow: ['*'],
        },
        { logger: createLogger('test', 'silent') },
      );
    const access = open();
    for (const key of [old, next]) expect(await access.verify(await signed(key as KeyObject))).toHaveProperty('user');
    await expect(access.verify(await signed(unpublished as KeyObject))).rejects.toThrow('unknown key');
    published = pairs;
    const many = open();
    await expect(many.verify(await signed(pairs[5]?.privateKey as KeyObject))).rejects.toThrow('unknown key');
  } finally {
    http.close();
    http.closeAllConnections();
  }
});
