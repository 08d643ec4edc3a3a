import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pythonPeerBin } from './python-peer.js';

const script = fileURLToPath(new URL('./python/make_certificate.py', import.meta.url));

/** TLS in front of a plain port, for clients that connect no other way. */
export interface TlsProxy extends AsyncDisposable {
  readonly port: number;
  /** What a client must trust, as PEM. */
  readonly certificateFile: string;
}

export const startTlsProxy = async (target: number): Promise<TlsProxy> => {
  const folder = await mkdtemp(join(tmpdir(), 'tickwire-tls-'));
  await promisify(execFile)(pythonPeerBin(), [script, folder]);
  const certificateFile = join(folder, 'certificate.pem');
  const [key, cert] = await Promise.all([readFile(join(folder, 'key.pem')), readFile(certificateFile)]);
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
      await rm(folder, { recursive: true, force: true });
    },
  };
};
