import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { LimitsConfig } from '../limits/limits-config.js';
import type { GatewayMetrics } from '../metrics/gateway-metrics.js';

/** A URL may name 1024 Binance streams. */
const maxHeaderBytes = 65_536;
/** Sockets beyond those of clients that are in: of requests, and of those on their way in. */
const spareSockets = 4_096;
/** A request with a body may take longer than its head. */
const bodyFactor = 3;

const statuses: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
};

/** The server with its limits on requests that are slow, too large or none at all. */
export const createHttpServer = (limits: LimitsConfig, metrics: GatewayMetrics): Server => {
  const { handshakeMs, maxConnections } = limits;
  const server = createServer({
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: handshakeMs,
    requestTimeout: handshakeMs * bodyFactor,
    connectionsCheckingInterval: Math.min(5_000, Math.ceil(handshakeMs / 4)),
  });
  server.maxConnections = maxConnections + spareSockets;
  server.on('drop', () => metrics.refused('sockets'));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    // Gone already, or in the middle of an answer.
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
