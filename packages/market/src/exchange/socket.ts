/** Why and how a connection ended. */
export interface SocketClosure {
  /** WebSocket close code; 1006 if there was no closing handshake. */
  readonly code: number;
  readonly reason: string;
  /** HTTP status, if the server did not upgrade the connection. */
  readonly status?: number;
  /** From a `Retry-After` header. */
  readonly retryAfterMs?: number;
}

/** Events of a socket. `onClose` comes once, last, and also for a socket that never opened. */
export interface SocketHandlers {
  onOpen(): void;
  onMessage(text: string): void;
  /** A ping or pong arrived. The socket answers pings itself. */
  onAlive(): void;
  onClose(closure: SocketClosure): void;
}

export interface Socket {
  /** Ignored unless open. */
  send(text: string): void;
  /** A WebSocket ping frame. Ignored unless open. */
  ping(): void;
  /** Drops the connection at once, without waiting for the other side. Idempotent. */
  terminate(): void;
}

/** Starts to connect; never throws, and calls no handler before it returns. */
export type OpenSocket = (url: string, handlers: SocketHandlers) => Socket;
