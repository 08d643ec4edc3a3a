import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Readiness } from '../readiness.js';
import { findConsumer, type Route } from '../routing.js';
import type { WebSocketGate } from '../websocket/server.js';

/** Sends each upgrade request to the consumer of its path; a path without one gets an answer, not a hang. */
export const createUpgradeHandler =
  (routes: readonly Route[], gate: WebSocketGate, readiness: Pick<Readiness, 'isDraining'>) =>
  (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => socket.destroy());
    const url = parseTarget(request.url);
    const type = url && findConsumer(routes, url.pathname);
    if (readiness.isDraining) refuse(socket, '503 Service Unavailable', 'draining');
    else if (url === undefined) refuse(socket, '400 Bad Request', 'bad request target');
    else if (type === undefined) refuse(socket, '404 Not Found', 'not found');
    else gate.accept(type, request, socket, head, url);
  };

const parseTarget = (target: string | undefined): URL | undefined => {
  try {
    const url = new URL(target ?? '/', 'http://gateway');
    url.pathname = decodeURIComponent(url.pathname);
    return url;
  } catch {
    return undefined;
  }
};

const refuse = (socket: Duplex, status: string, error: string): void => {
  const body = JSON.stringify({ error });
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
};
