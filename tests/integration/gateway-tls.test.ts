import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import type { SecureVersion } from 'node:tls';
import { describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { makeCertificate, shownBy } from '../support/certificate.js';
import { startMemoryGateway } from '../support/memory-gateway.js';
import { openRaw } from '../support/raw-request.js';
import { makeToken } from '../support/tokens.js';
import { waitFor } from '../support/wait-for.js';

const trades = 'trade.sim.BTC-USD';
const secret = 'a secret of some length, for tests';

const filesOf = ({ certificateFile, keyFile }: { certificateFile: string; keyFile: string }) => ({
  TLS_CERT_FILE: certificateFile,
  TLS_KEY_FILE: keyFile,
});

const pageOver = (version: SecureVersion, port: number, ca: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    get(`https://127.0.0.1:${port}/`, { ca, agent: false, minVersion: version, maxVersion: version }, (response) => {
      response.resume();
      resolve([response.statusCode, response.headers['strict-transport-security']]);
    }).on('error', reject);
  });

describe('a gateway that speaks TLS itself', () => {
  it('[GL70] serves page, sockets and cookies over TLS 1.2 and 1.3, and is not ended by what is not TLS', async () => {
    await using certificate = await makeCertificate();
    const ca = await readFile(certificate.certificateFile, 'utf8');
    const access = { AUTH: 'jwt', AUTH_JWT_SECRET: secret, AUTH_COOKIE: 'token', AUTH_ALLOW: '*' };
    await using served = await startMemoryGateway({ env: { ...filesOf(certificate), ...access } });
    const { port, url } = served.gateway;
    expect(url).toBe(`https://localhost:${port}/`);
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
      expect([version, await pageOver(version, port, ca)]).toEqual([version, [200, 'max-age=31536000']]);
    await expect(pageOver('TLSv1.1', port, ca)).rejects.toThrow();
    using plain = await openRaw(port);
    plain.send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await waitFor('the end of what is not TLS', plain.isClosed);

    const cookie = `token=${makeToken({ alg: 'HS256', key: secret })}`;
    const socket = new WebSocket(`wss://127.0.0.1:${port}/ws/prediction/?channels=${trades}`, {
      ca,
      headers: { cookie },
      origin: `https://127.0.0.1:${port}`,
    });
    const messages: string[] = [];
    socket.on('message', (data) => messages.push(data.toString()));
    await waitFor('the socket', () => socket.readyState === WebSocket.OPEN);
    await served.publish(trades);
    await waitFor('a trade', () => messages.some((text) => text.includes('price.trade')));
    socket.terminate();
  });

  it('[GL170] lets the page of the blog post open its sockets with TLS where it came over TLS, also to a proxy, and nowhere else', async () => {
    await using certificate = await makeCertificate();
    const ca = await readFile(certificate.certificateFile, 'utf8');
    await using secured = await startMemoryGateway({ env: filesOf(certificate) });
    const overTls = await new Promise((resolve, reject) => {
      get(`https://127.0.0.1:${secured.gateway.port}/examples/plain.html`, { ca, agent: false }, (response) => {
        response.resume();
        resolve(response.headers['content-security-policy']);
      }).on('error', reject);
    });
    expect(overTls).toContain('; upgrade-insecure-requests');
    await using plain = await startMemoryGateway();
    const policyFor = async (headers: Readonly<Record<string, string>>): Promise<string | null> =>
      (await fetch(`${plain.url}/examples/plain.html`, { headers })).headers.get('content-security-policy');
    expect(await policyFor({})).not.toContain('upgrade-insecure-requests');
    expect(await policyFor({ 'X-Forwarded-Proto': 'https' })).toBe(overTls);
  });

  it('[GL71] takes a renewed certificate for new connections, keeps those that are open, and the old one while half is written', async () => {
    await using first = await makeCertificate();
    await using second = await makeCertificate();
    await using served = await startMemoryGateway({ env: filesOf(first) });
    const { port } = served.gateway;
    const ca = await readFile(first.certificateFile, 'utf8');
    const socket = new WebSocket(`wss://127.0.0.1:${port}/ws/prediction/?channels=${trades}`, { ca });
    await waitFor('the socket', () => socket.readyState === WebSocket.OPEN);
    const before = await shownBy(port);
    await writeFile(first.certificateFile, ca.slice(0, 200));
    expect(await shownBy(port)).toBe(before);
    await copyFile(second.keyFile, first.keyFile);
    await copyFile(second.certificateFile, first.certificateFile);
    await waitFor('the new one to be shown', async () => (await shownBy(port)) !== before);
    expect(socket.readyState).toBe(WebSocket.OPEN);
    socket.terminate();
  });

  it('[GL72] does not start with a certificate it cannot use, and says which file is wrong and how', async () => {
    await using one = await makeCertificate();
    await using other = await makeCertificate();
    const files = filesOf(one);
    const problemOf = (env: Readonly<Record<string, string>>): Promise<string> =>
      startMemoryGateway({ env }).then(
        async (served) => {
          await served[Symbol.asyncDispose]();
          return 'it starts';
        },
        ({ message }: Error) => message,
      );
    expect(await problemOf({ TLS_CERT_FILE: one.certificateFile })).toMatch(/belong together/);
    expect(await problemOf({ ...files, TLS_KEY_FILE: other.keyFile })).toMatch(/TLS_KEY_FILE is not the key of/);
    expect(await problemOf({ ...files, TLS_CERT_FILE: one.keyFile })).toMatch(/TLS_CERT_FILE .* is not a certificate/);
    expect(await problemOf({ ...files, TLS_KEY_FILE: one.certificateFile })).toMatch(/is not a private key/);
    expect(await problemOf({ ...files, TLS_KEY_FILE: '/nowhere' })).toMatch(/cannot be read: ENOENT/);
  });
});
