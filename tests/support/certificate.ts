import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { pythonPeerBin } from './python-peer.js';

const script = fileURLToPath(new URL('./python/make_certificate.py', import.meta.url));

/** A new key and a self-signed certificate for 127.0.0.1: authority, server and client in one. */
export interface Certificate extends AsyncDisposable {
  /** The PEM file that a client of its owner must trust. */
  readonly certificateFile: string;
  readonly keyFile: string;
}

export const makeCertificate = async (): Promise<Certificate> => {
  const folder = await mkdtemp(join(tmpdir(), 'tickwire-tls-'));
  await promisify(execFile)(pythonPeerBin(), [script, folder]);
  return {
    certificateFile: join(folder, 'certificate.pem'),
    keyFile: join(folder, 'key.pem'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
};

/** A folder as HAProxy takes it: files with chain and key in one. */
export const mountedCertificate = async (): Promise<
  AsyncDisposable & { readonly folder: string; readonly chain: string }
> => {
  const certificate = await makeCertificate();
  const { certificateFile, keyFile } = certificate;
  const chain = await readFile(certificateFile, 'utf8');
  await writeFile(certificateFile, chain + (await readFile(keyFile, 'utf8')));
  await rm(keyFile);
  return { ...certificate, folder: dirname(keyFile), chain };
};

/** The certificate that the server shows to a new connection. */
export const shownBy = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket: TLSSocket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? '');
      socket.destroy();
    });
    socket.on('error', reject);
  });
