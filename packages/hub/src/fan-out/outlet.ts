import type { CloseReason } from '@tickwire/protocol';
import { Pace } from './pace.js';

/** Where a session's bytes go. The gateway implements it over a socket. */
export interface Transport {
  /**
   * Receives whole frames, must not change them, and keeps their order. A probe, if there is one, is sent right behind
   * them. False: write no more until `Session.drained()`.
   */
  write(bytes: Uint8Array, probe?: number): boolean;
  /**
   * Sends a probe alone. The client answers with `Session.answered(probe)` once it has everything written before.
   * Without probes the bytes on their way to the client are not known.
   */
  probe?(probe: number): void;
  /** Begins closing; everything written before is sent first. */
  close(reason: CloseReason, detail?: string): void;
}

/** A session's way to its client: its socket and the bytes still on their way. */
export class Outlet {
  /** True during a write: a transport may call back. */
  isWriting = false;
  isSocketFull = false;
  readonly #transport: Transport;
  #pace: Pace | undefined;
  #hasDrainedWhileWriting = false;
  #waiting: (() => void)[] | undefined;
  readonly #maxStaleMs: number;
  readonly #now: () => number;
  /** Items up to this cursor wait since then, however often nothing could be written meanwhile. */
  #owedUpTo = 0;
  #owedSince = 0;

  /** Without `maxStaleMs`, or when the transport has no probes, only the socket limits what may be on its way. */
  constructor(transport: Transport, maxStaleMs: number, now: () => number) {
    this.#transport = transport;
    this.#maxStaleMs = maxStaleMs;
    this.#now = now;
    if (maxStaleMs > 0 && transport.probe !== undefined) this.#pace = new Pace(maxStaleMs / 2, now);
  }

  /** No more publications may be written now; answers may, as long as the socket accepts them. */
  get isFull(): boolean {
    return this.isSocketFull || this.#pace?.isFull === true;
  }

  /** Bytes that may be written until it is full. */
  get leftBytes(): number {
    return this.#pace?.leftBytes ?? Number.POSITIVE_INFINITY;
  }

  /** Bytes that may be written at once. */
  get writeBytes(): number {
    return this.#pace?.writeBytes ?? Number.POSITIVE_INFINITY;
  }

  /** Whether this many bytes would take too long to arrive. */
  wouldQueue(bytes: number): boolean {
    return this.#pace?.wouldQueue(bytes) === true;
  }

  /** Items between these cursors of the log have to wait. */
  owes(from: number, to: number): void {
    if (from < this.#owedUpTo) return;
    this.#owedUpTo = to;
    this.#owedSince = this.#now();
  }

  /** All items have left, or the session moved to another log, with other cursors. */
  owesNothing(): void {
    this.#owedUpTo = 0;
  }

  /** Whether items have waited for too long. */
  get isLate(): boolean {
    return this.#maxStaleMs > 0 && this.#now() - this.#owedSince > this.#maxStaleMs;
  }

  /** How long the last probe and its answer took, with all that queued before it; 0 where that is not known. */
  get roundTripMs(): number {
    return this.#pace?.roundTripMs ?? 0;
  }

  /** @throws what a misbehaving transport throws. */
  write(bytes: Uint8Array): void {
    this.isWriting = true;
    this.#hasDrainedWhileWriting = false;
    try {
      const isTaken = this.#transport.write(bytes, this.#pace?.writes(bytes.length));
      this.isSocketFull = !isTaken && !this.#hasDrainedWhileWriting;
    } finally {
      this.isWriting = false;
    }
  }

  /** The socket accepts bytes again. */
  drained(): void {
    this.#hasDrainedWhileWriting = true;
    this.isSocketFull = false;
  }

  /** The client has everything written before the probe. Returns false when the client was not sent this probe. */
  answered(probe: number): boolean {
    if (this.#pace?.answered(probe) !== true) return false;
    const next = this.#pace.dueProbe();
    if (next !== undefined) this.#transport.probe?.(next);
    return true;
  }

  /** Stops waiting for a client that answers no probe. */
  giveUpPacing(): void {
    if (this.#pace?.isVain === true) this.#pace = undefined;
  }

  /** From now on only the socket limits what may be on its way. */
  stopPacing(): void {
    this.#pace = undefined;
  }

  /** Resolves when `opened` is called. */
  whenOpen(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting ??= [];
      this.#waiting.push(resolve);
    });
  }

  /** Nothing is in the way any more, or its session is closed. */
  opened(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    for (const resolve of waiting ?? []) resolve();
  }

  close(reason: CloseReason, detail?: string): void {
    this.#transport.close(reason, detail);
  }
}

/** Frames that only one session is owed, in order. */
export class OwnFrames {
  bytes = 0;
  readonly #frames: Uint8Array[] = [];

  push(frame: Uint8Array): void {
    this.#frames.push(frame);
    this.bytes += frame.length;
  }

  joined(): Uint8Array {
    const first = this.#frames[0];
    return this.#frames.length === 1 && first !== undefined ? first : Buffer.concat(this.#frames, this.bytes);
  }
}
