import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { parseRetryAfter } from './http.js';
import type { OpenSocket, SocketClosure } from './socket.js';

/** A longer frame closes the connection (1009). It is above the length at which frames are skipped. */
const maxPayloadBytes = 16 * 1024 * 1024;

/**
 * Sockets over `ws`, not compressed: frames of market data are small, and inflating them costs more than their bytes.
 */
export const openWebSocket: OpenSocket = (url, handlers) => {
  let answer: Pick<SocketClosure, 'status' | 'retryAfterMs'> = {};
  let failure = '';
  let isClosed = false;

  const close = (code: number, reason: string): void => {
    if (isClosed) return;
    isClosed = true;
    handlers.onClose({ code, reason, ...answer });
  };

  let socket: WebSocket;
  try {
    socket = new WebSocket(url, { perMessageDeflate: false, maxPayload: maxPayloadBytes, followRedirects: false });
  } catch (error) {
    // A malformed address throws; the caller expects `onClose`, as for any other failure.
    setImmediate(close, 1006, (error as Error).message);
    return { send: () => {}, ping: () => {}, terminate: () => close(1006, 'terminated') };
  }

  socket.on('open', () => handlers.onOpen());
  socket.on('message', (data: Buffer) => handlers.onMessage(data.toString()));
  socket.on('ping', () => handlers.onAlive());
  socket.on('pong', () => handlers.onAlive());
  socket.on('unexpected-response', (_request, response: IncomingMessage) => {
    const { statusCode = 0, headers } = response;
    const retryAfterMs = parseRetryAfter(headers['retry-after'], headers.date);
    answer = { status: statusCode, ...(retryAfterMs !== undefined && { retryAfterMs }) };
    failure = `the server answered ${statusCode}`;
    socket.terminate();
  });
  // Without a listener an error would end the process. `close` follows.
  socket.on('error', (error) => {
    failure ||= error.message;
  });
  socket.on('close', (code, reason) => close(code, reason.toString() || failure));

  const isOpen = (): boolean => socket.readyState === WebSocket.OPEN;
  return {
    send: (text) => {
      if (isOpen()) socket.send(text);
    },
    ping: () => {
      if (isOpen()) socket.ping();
    },
    terminate: () => socket.terminate(),
  };
};
