import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createServer } from 'node:tls';
import { makeCertificate } from './certificate.js';

/** TLS in front of a plain port, for clients that connect no other way. */
export interface TlsProxy extends AsyncDisposable {
  readonly port: number;
  /** What a client must trust, as PEM. */
  readonly certificateFile: string;
}

export const startTlsProxy = async (target: number): Promise<TlsProxy> => {
  const certificate = await makeCertificate();
  const { certificateFile } = certificate;
  const [key, cert] = await Promise.all([readFile(certificate.keyFile), readFile(certificateFile)]);
  const open = new Set<Socket>();
  const server = createServer({ key, cert }, (client) => {
    const upstream = connect(target, '127.0.0.1');
    open.add(client);
    const end = (): void => {
      open.delete(client);
      client.destroy();
      upstream.destroy();
    };
    client.on('error', end).on('close', end);
    upstream.on('error', end).on('close', end);
    client.pipe(upstream);
    upstream.pipe(client);
  });
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
