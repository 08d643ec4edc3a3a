import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:tls';
import { makeCertificate } from './certificate.js';
import { relay } from './relay.js';

/** TLS in front of a plain port, for clients that require it. */
export interface TlsProxy extends AsyncDisposable {
  readonly port: number;
  /** The PEM file that a client must trust. */
  readonly certificateFile: string;
}

export const startTlsProxy = async (target: number): Promise<TlsProxy> => {
  const certificate = await makeCertificate();
  const { certificateFile } = certificate;
  const [key, cert] = await Promise.all([readFile(certificate.keyFile), readFile(certificateFile)]);
  const open = new Set<Socket>();
  const server = createServer({ key, cert }, (client) => relay(client, target, open));
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    certificateFile,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of open) socket.destroy();
      await once(server, 'close');
      await certificate[Symbol.asyncDispose]();
    },
  };
};
