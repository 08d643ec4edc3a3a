import type { Duplex } from 'node:stream';
import type { Session, Transport } from '@tickwire/hub';
import type { WebSocket } from 'ws';
import type { Consumer } from '../consumers/consumer.js';
import type { Allowance } from '../limits/allowance.js';

/**
 * A session's socket. Frames come ready from the hub and go to the TCP socket beside `ws`, which writes control frames
 * and the close to the same stream, so order holds. That is safe because nothing here calls `ws.send`: its sender is
 * never in the middle of a message, and a chunk is always whole frames.
 */
export class WebSocketConnection implements Transport {
  readonly ws: WebSocket;
  /** What it may still ask for. */
  readonly allowance: Allowance;
  session: Session | undefined;
  consumer: Consumer | undefined;
  /** Showed life since the last ping. */
  isAlive = true;
  /** Calls off the end that its token sets; undefined without one. */
  endExpiry: (() => void) | undefined;
  /** Its slot of the heartbeat wheel. */
  heartbeatSlot = 0;
  readonly #socket: Duplex;

  constructor(ws: WebSocket, socket: Duplex, allowance: Allowance) {
    this.ws = ws;
    this.allowance = allowance;
    this.#socket = socket;
  }

  write(bytes: Uint8Array): boolean {
    // Nothing may follow a close frame; the session learns of the end by `disconnected`.
    if (this.ws.readyState !== this.ws.OPEN) return true;
    return this.#socket.write(bytes);
  }

  close(code: number, reason: string): void {
    this.ws.close(code, reason);
  }
}
