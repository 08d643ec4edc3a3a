import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

type Fields = Readonly<Record<string, unknown>>;
export type Algorithm = 'HS256' | 'RS256' | 'ES256' | 'EdDSA' | 'none';

export interface TokenOptions {
  readonly alg: Algorithm;
  /** A string is the secret of HS256. */
  readonly key?: KeyObject | string;
  readonly header?: Fields;
  readonly claims?: Fields;
}

/**
 * Makes a JSON Web Token without a library, so that invalid ones can be made too. Valid for an hour unless `claims`
 * differ.
 */
export const makeToken = ({ alg, key = '', header = {}, claims = {} }: TokenOptions): string => {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1_000) + 3_600;
  const signed = `${part({ typ: 'JWT', alg, ...header })}.${part({ sub: 'ann', exp, ...claims })}`;
  return `${signed}.${signatureOf(alg, key, signed).toString('base64url')}`;
};

const signatureOf = (alg: Algorithm, key: KeyObject | string, signed: string): Buffer => {
  if (alg === 'none') return Buffer.alloc(0);
  if (alg === 'HS256') return createHmac('sha256', key).update(signed).digest();
  const hash = alg === 'EdDSA' ? null : 'sha256';
  return sign(hash, Buffer.from(signed), { key: key as KeyObject, dsaEncoding: 'ieee-p1363' });
};

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  readonly pem: string;
}

export const makeKeys = (alg: 'RS256' | 'ES256' | 'EdDSA'): KeyPair => {
  const { publicKey, privateKey } =
    alg === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2_048 })
      : alg === 'ES256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('ed25519');
  return { publicKey, privateKey, pem: String(publicKey.export({ type: 'spki', format: 'pem' })) };
};

export const jwkOf = ({ publicKey }: KeyPair, kid: string): object => ({
  ...publicKey.export({ format: 'jwk' }),
  kid,
  use: 'sig',
});

/** The keys of an identity provider, which may change. */
export interface KeyServer extends AsyncDisposable {
  readonly url: string;
  keys: readonly object[];
  status: number;
  readonly requests: number;
}

export const startKeyServer = async (keys: readonly object[]): Promise<KeyServer> => {
  let requests = 0;
  const http = createServer((_request, response) => {
    requests += 1;
    response.writeHead(server.status, { 'Content-Type': 'application/json', Connection: 'close' });
    response.end(JSON.stringify({ keys: server.keys }));
  }).listen(0, '127.0.0.1');
  await once(http, 'listening');
  const server = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/keys`,
    keys,
    status: 200,
    get requests() {
      return requests;
    },
    async [Symbol.asyncDispose]() {
      http.close();
      http.closeAllConnections();
      await once(http, 'close');
    },
  };
  return server;
};
