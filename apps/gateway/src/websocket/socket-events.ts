import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import type { GatewayMetrics } from '../metrics/gateway-metrics.js';
import type { ClientLives } from '../protocols/client-lives.js';
import type { MessageQueue } from '../timing/message-queue.js';
import { probeOf, type WebSocketConnection } from './connection.js';

export interface SocketEventsOptions {
  readonly lives: Pick<ClientLives, 'closed' | 'note'>;
  readonly messages: Pick<MessageQueue, 'run' | 'forget'>;
  readonly metrics: Pick<GatewayMetrics, 'refused'>;
  /** Runs the work of a consumer; if it fails, it closes the connection. */
  readonly guard: (connection: WebSocketConnection, act: () => void | Promise<void> | undefined) => void;
  readonly onClosed: (connection: WebSocketConnection) => void;
}

const connectionOf = new WeakMap<WebSocket | Duplex, WebSocketConnection>();

/** Returns a function that passes what happens on a connection's sockets to its session and its consumer. */
export const createSocketEvents = (
  options: SocketEventsOptions,
): ((connection: WebSocketConnection, socket: Duplex) => void) => {
  const { lives, messages, metrics, guard, onClosed } = options;

  // Shared by all connections: a closure per client would cost memory for each of them.
  function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
    const connection = connectionOf.get(this);
    if (connection === undefined || connection.session.isClosed) return;
    connection.isAlive = true;
    if (!connection.admit(1)) return;
    const bytes = data as Buffer;
    messages.run(this, bytes.length, () => {
      if (connection.session.isClosed) return;
      guard(connection, () => connection.consumer?.receive(isBinary ? bytes : bytes.toString()));
    });
  }

  function onPing(this: WebSocket, payload: Buffer): void {
    const connection = connectionOf.get(this);
    // A client that does not read gets no pongs (RFC 6455, 5.5.3, requires only the last): they would pile up.
    if (connection?.session.isClosed === false && !connection.isClogged) this.pong(payload);
    onControl(this, 'ping', payload);
  }

  function onPong(this: WebSocket, payload: Buffer): void {
    const connection = connectionOf.get(this);
    const probe = connection?.probeAnsweredBy(payload);
    const isAnswer = probe !== undefined && connection?.session.answered(probe) === true;
    // A pong that we asked for does not count towards the client's allowance.
    if (isAnswer && probeOf(payload) === probe) {
      connection.isAlive = true;
      return;
    }
    onControl(this, 'pong', payload);
  }

  const onControl = (ws: WebSocket, kind: 'ping' | 'pong', payload: Buffer): void => {
    const connection = connectionOf.get(ws);
    if (connection === undefined || connection.session.isClosed) return;
    connection.isAlive = true;
    if (!connection.admit(1)) return;
    guard(connection, () => connection.consumer?.control?.(kind, payload));
  };

  function onError(this: WebSocket, error: Error): void {
    // `ws` has already sent the close code (too big, bad UTF-8, bad frame) and closes.
    const isTooBig = 'code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH';
    metrics.refused(isTooBig ? 'payload' : 'bad-frame');
    const session = connectionOf.get(this)?.session;
    if (session !== undefined) lives.note(session, 'client violated the protocol', { err: error });
  }

  function onClose(this: WebSocket, code: number): void {
    const connection = connectionOf.get(this);
    if (connection === undefined) return;
    onClosed(connection);
    messages.forget(this);
    connection.endExpiry?.();
    lives.closed(connection.session, code);
    connection.session.disconnected();
    connection.consumer?.disconnect();
  }

  function onDrain(this: Duplex): void {
    connectionOf.get(this)?.session.drained();
  }

  return (connection, socket) => {
    const { ws } = connection;
    connectionOf.set(ws, connection);
    connectionOf.set(socket, connection);
    ws.on('message', onMessage);
    ws.on('ping', onPing);
    ws.on('pong', onPong);
    ws.on('error', onError);
    ws.on('close', onClose);
    socket.on('drain', onDrain);
  };
};
