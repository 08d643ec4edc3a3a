/** Why and how a connection ended. */
export interface SocketClosure {
  /** WebSocket close code; 1006 if there was no closing handshake. */
  readonly code: number;
  readonly reason: string;
  /** HTTP status, where the server answered the handshake with something else than an upgrade. */
  readonly status?: number;
  /** From a `Retry-After` header. */
  readonly retryAfterMs?: number;
}

/** What a socket tells. Nothing comes after `onClose`, which comes once, also for a socket that never opened. */
export interface SocketHandlers {
  onOpen(): void;
  onMessage(text: string): void;
  /** A ping or pong frame: no data, but the other side lives. Pings are answered by the socket itself. */
  onAlive(): void;
  onClose(closure: SocketClosure): void;
}

export interface Socket {
  /** Ignored unless open. */
  send(text: string): void;
  /** A WebSocket ping frame. Ignored unless open. */
  ping(): void;
  /** Gives the connection up at once, without waiting for the other side. Idempotent. */
  terminate(): void;
}

/** Begins to connect; never throws, and calls no handler before it returned. */
export type OpenSocket = (url: string, handlers: SocketHandlers) => Socket;
