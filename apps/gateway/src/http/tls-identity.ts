import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { Server } from 'node:http';
import { Server as TlsServer } from 'node:https';
import type { SecureContextOptions } from 'node:tls';
import { type Clock, createSystemClock } from '@tickwire/protocol';
import { ConfigError, createStateLog, type Logger, readPem } from '@tickwire/runtime';

/** The certificate and key of a server, as PEM files. */
export interface TlsFiles {
  /** Includes intermediate certificates, if clients do not know them. */
  readonly certFile: string;
  readonly keyFile: string;
}

/** @throws ConfigError for files that cannot be read, have other content, or do not belong together. */
export const readTlsIdentity = ({ certFile, keyFile }: TlsFiles): SecureContextOptions & { readonly cert: Buffer } => {
  const cert = readPem('TLS_CERT_FILE', certFile);
  const key = readPem('TLS_KEY_FILE', keyFile);
  const certificate = parsed('TLS_CERT_FILE', certFile, 'a certificate', () => new X509Certificate(cert));
  const privateKey = parsed('TLS_KEY_FILE', keyFile, 'a private key without a passphrase', () => createPrivateKey(key));
  if (certificate.checkPrivateKey(privateKey)) return { cert, key, minVersion: 'TLSv1.2' };
  throw new ConfigError('TLS_KEY_FILE is not the key of the certificate in TLS_CERT_FILE');
};

const parsed = <T>(variable: string, path: string, kind: string, parse: () => T): T => {
  try {
    return parse();
  } catch (error) {
    throw new ConfigError(`${variable} is ${JSON.stringify(path)}, but that is not ${kind}`, { cause: error });
  }
};

export interface RenewalOptions {
  readonly server: Server;
  readonly files: TlsFiles;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** How often the files are checked. @default 2_000 */
  readonly everyMs?: number;
  /** @default the system's */
  readonly clock?: Clock;
}

/**
 * Uses a renewed certificate for new connections. A pair that is only half written is reported as trouble, and used
 * once it is complete.
 */
export const followTlsFiles = (options: RenewalOptions): { close(): void } => {
  const { server, files, logger, everyMs = 2_000, clock = createSystemClock() } = options;
  const renewal = createStateLog({
    logger,
    trouble: 'the certificate in TLS_CERT_FILE and TLS_KEY_FILE cannot be used: the previous one stays in use',
    over: 'the certificate can be used again',
  });
  let shown = readTlsIdentity(files);
  let isExpiryLogged = false;

  /** Clients notice an expired certificate by themselves; the log is for the operator. */
  const lookAtExpiry = (): void => {
    const { validTo } = new X509Certificate(shown.cert);
    const isOver = Date.parse(validTo) < clock.wall();
    if (isOver && !isExpiryLogged) logger.warn({ validTo }, 'the certificate in TLS_CERT_FILE has expired: renew it');
    isExpiryLogged = isOver;
  };
  const take = (): void => {
    const read = readTlsIdentity(files);
    if (read.cert.equals(shown.cert)) return;
    if (server instanceof TlsServer) server.setSecureContext(read);
    shown = read;
    logger.info({ validTo: new X509Certificate(read.cert).validTo }, 'the certificate was renewed');
  };
  const look = (): void => {
    try {
      take();
      renewal.worked();
    } catch (error) {
      renewal.failed({ reason: error instanceof Error ? error.message : String(error) });
    }
    lookAtExpiry();
  };
  let cancel: () => void;
  const lookAgain = (): void => {
    cancel = clock.after(everyMs, () => {
      look();
      lookAgain();
    });
  };
  lookAtExpiry();
  lookAgain();
  return { close: () => cancel() };
};
