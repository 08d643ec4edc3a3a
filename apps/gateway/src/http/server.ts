import { createServer, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { SecureContextOptions } from 'node:tls';
import type { Logger, Scope } from '@tickwire/runtime';
import type { GatewayConfig } from '../config.js';
import type { LimitsConfig } from '../limits/limits-config.js';
import { boundSockets, createSocketsByAddress } from '../limits/sockets-by-address.js';
import type { GatewayMetrics } from '../metrics/gateway-metrics.js';
import { followTlsFiles, readTlsIdentity } from './tls-identity.js';

/** A URL may name 1024 Binance streams. */
const maxHeaderBytes = 65_536;
/** A request with a body may take longer than its head. */
const bodyFactor = 3;

const statuses: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
};

export interface HttpServerOptions {
  readonly limits: Pick<LimitsConfig, 'handshakeMs' | 'maxConnectionsPerIp' | 'trustProxy'>;
  /** A socket beyond this number is closed at once. */
  readonly maxSockets: number;
  /** How long a client may accept no byte of an answer. An event stream has its own deadline. */
  readonly slowDeadlineMs: number;
  readonly metrics: Pick<GatewayMetrics, 'refused'>;
  /** @default plain HTTP */
  readonly tls?: SecureContextOptions | undefined;
  /** How many workers listen together. @default 1 */
  readonly workers?: number;
}

/** A year: browsers that have connected over TLS once use nothing else. */
const strictTransport = 'max-age=31536000';

/** The server with its limits on requests that are slow, too large or not HTTP, and on answers that nobody reads. */
export const createHttpServer = (options: HttpServerOptions): Server => {
  const { limits, maxSockets, slowDeadlineMs, metrics, tls, workers = 1 } = options;
  const { handshakeMs, maxConnectionsPerIp, trustProxy } = limits;
  const bounds = {
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: handshakeMs,
    requestTimeout: handshakeMs * bodyFactor,
    connectionsCheckingInterval: Math.min(5_000, Math.ceil(handshakeMs / 4)),
  };
  const server =
    tls === undefined ? createServer(bounds) : createTlsServer({ ...bounds, ...tls, handshakeTimeout: handshakeMs });
  if (tls !== undefined) {
    server.on('request', (_request, response) => response.setHeader('Strict-Transport-Security', strictTransport));
  }
  boundSockets(server, { maxSockets, isWorker: workers > 1, onDrop: () => metrics.refused('sockets') });
  // All sockets of a proxy have the proxy's address: it knows the addresses of its clients, and limits them.
  const byAddress = createSocketsByAddress(trustProxy === 0 ? maxConnectionsPerIp : 0, workers);
  server.on('connection', (socket) => {
    if (socket.destroyed || byAddress.enter(socket)) return;
    metrics.refused('sockets-per-ip');
    socket.destroy();
  });
  server.timeout = slowDeadlineMs;
  function onStill(this: ServerResponse): void {
    // There is nothing to send: the client waits for us.
    if (this.socket === null || this.socket.writableLength === 0) return;
    metrics.refused('unread');
    this.socket.destroy();
  }
  server.on('request', (_request, response) => response.on('timeout', onStill));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    // The socket is gone, or in the middle of an answer.
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    metrics.refused(error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'handshake' : 'bad-request');
    socket.once('finish', () => socket.destroy());
    socket.end(`HTTP/1.1 ${statuses[error.code ?? ''] ?? '400 Bad Request'}\r\nConnection: close\r\n\r\n`);
  });
  return server;
};

export interface OpenHttpServerOptions extends Omit<HttpServerOptions, 'tls' | 'slowDeadlineMs'> {
  readonly config: Pick<GatewayConfig, 'slowDeadlineMs' | 'tlsCertFile' | 'tlsKeyFile'>;
  readonly logger: Logger;
}

/**
 * The server for clients, over TLS if the configuration names a certificate. It does not listen yet.
 * @throws ConfigError for a certificate or key that cannot be used
 */
export const openHttpServer = (
  { config, logger, ...options }: OpenHttpServerOptions,
  scope: Scope,
): { readonly server: Server; readonly scheme: 'http' | 'https' } => {
  const { slowDeadlineMs, tlsCertFile, tlsKeyFile } = config;
  const files = tlsCertFile && tlsKeyFile ? { certFile: tlsCertFile, keyFile: tlsKeyFile } : undefined;
  const server = createHttpServer({ ...options, slowDeadlineMs, tls: files && readTlsIdentity(files) });
  if (files !== undefined) scope.own(followTlsFiles({ server, files, logger }));
  // Its sockets are cut last: by then clients have what they are owed.
  scope.own({ close: () => server.closeAllConnections() });
  return { server, scheme: files === undefined ? 'http' : 'https' };
};
