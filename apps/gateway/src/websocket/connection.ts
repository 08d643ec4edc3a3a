import type { Duplex } from 'node:stream';
import type { Hub, Session, Transport, WireFormat } from '@tickwire/hub';
import { type CloseCodes, type CloseReason, closeCodeOf } from '@tickwire/protocol';
import type { WebSocket } from 'ws';
import type { Grant } from '../access/grant.js';
import { Allowance, type CommandLimits, commandLimits } from '../limits/allowance.js';
import type { Client, Consumer } from '../protocols/consumer.js';
import type { WheelMember } from '../timing/wheel.js';

/** Shared by all connections of a gateway. */
export interface ConnectionHost {
  readonly hub: Pick<Hub, 'openSession'>;
  /** Milliseconds that never go back. */
  readonly now: () => number;
  readonly onTooManyCommands: () => void;
  readonly limits: CommandLimits;
}

export interface WebSocketConnectionOptions {
  readonly host: ConnectionHost;
  readonly ws: WebSocket;
  /** The socket below `ws`. Frames of the hub are written to it directly. */
  readonly socket: Duplex;
  readonly grant: Grant;
  readonly closeCodes: CloseCodes;
  readonly format: WireFormat;
}

/**
 * A session's socket. The hub passes ready frames, which go to the TCP socket beside `ws`. `ws` writes control frames
 * and the close to the same stream, so order is kept. That is safe because nothing here calls `ws.send`: its sender is
 * never in the middle of a message, and a chunk is always whole frames.
 * A class, because there is one per client: closures would cost memory for each of them.
 */
export class WebSocketConnection implements Transport, Client, WheelMember {
  readonly ws: WebSocket;
  readonly session: Session;
  consumer: Consumer | undefined;
  /** Has responded since the last ping. */
  isAlive = true;
  /** Cancels the end that its token sets; undefined without one. */
  endExpiry: (() => void) | undefined;
  /** Used by the heartbeat. */
  wheelSlot = 0;
  readonly #host: ConnectionHost;
  readonly #socket: Duplex;
  readonly #allowance: Allowance;
  readonly #closeCodes: CloseCodes;
  /** The last probe, and the payload of the newest other ping sent after it. */
  #probe = 0;
  #laterPing: Uint8Array | undefined;

  constructor({ host, ws, socket, grant, closeCodes, format }: WebSocketConnectionOptions) {
    const { perSecond, burst } = commandLimits(grant, host.limits);
    this.ws = ws;
    this.#host = host;
    this.#socket = socket;
    this.#closeCodes = closeCodes;
    this.#allowance = new Allowance(perSecond, burst, host.now());
    this.session = host.hub.openSession(this, format);
  }

  /** Whether bytes are waiting for a client that does not read. */
  get isClogged(): boolean {
    return this.#socket.writableNeedDrain;
  }

  write(bytes: Uint8Array, probe?: number): boolean {
    // Nothing may follow a close frame; `disconnected` notifies the session of the end.
    if (this.ws.readyState !== this.ws.OPEN) return true;
    if (probe === undefined) return this.#socket.write(bytes);
    // Both in one system call.
    this.#socket.cork();
    const isTaken = this.#socket.write(bytes);
    this.probe(probe);
    this.#socket.uncork();
    return isTaken;
  }

  probe(probe: number): void {
    this.#probe = probe;
    this.#laterPing = undefined;
    this.ws.ping(probePayload(probe));
  }

  /**
   * The probe that a pong answers. Of several pings a client may answer the newest alone (RFC 6455, 5.5.3), so that the
   * answer to a later ping is one to the probe.
   */
  probeAnsweredBy(payload: Buffer): number | undefined {
    return this.#laterPing !== undefined && payload.equals(this.#laterPing) ? this.#probe : probeOf(payload);
  }

  close(reason: CloseReason, detail?: string): void {
    const closeCode = closeCodeOf(this.#closeCodes, reason, detail);
    this.ws.close(closeCode.code, closeCode.reason);
  }

  admit(commands: number): boolean {
    if (this.#allowance.take(commands, this.#host.now())) return true;
    this.#host.onTooManyCommands();
    this.session.close('tooManyRequests');
    return false;
  }

  limitTo(grant: Grant): void {
    const { perSecond, burst } = commandLimits(grant, this.#host.limits);
    this.#allowance.change(perSecond, burst);
  }

  /** The payload must be unlike those of the pings before. */
  ping(payload: Uint8Array): void {
    this.#laterPing = payload;
    this.ws.ping(payload);
  }
}

/** Distinguishes our probes from other pings: a client sends the payload back unchanged. */
const mark = 0x7457;
const payloadBytes = 6;

/** The payload of a ping that asks whether everything before it has arrived. */
const probePayload = (probe: number): Buffer => {
  const payload = Buffer.allocUnsafe(payloadBytes);
  payload.writeUInt16BE(mark, 0);
  payload.writeUInt32BE(probe >>> 0, 2);
  return payload;
};

/** The probe that a pong answers; undefined if it answers another ping or none. */
export const probeOf = (payload: Buffer): number | undefined =>
  payload.length === payloadBytes && payload.readUInt16BE(0) === mark ? payload.readUInt32BE(2) : undefined;
