import type { CloseReason } from '@tickwire/protocol';
import { Pace } from './pace.js';
import type { Transport } from './transport.js';

/** A session's way to its client: its socket, and what is still on its way there. */
export class Outlet {
  /** In the middle of a write: a transport may call back. */
  isWriting = false;
  isSocketFull = false;
  readonly #transport: Transport;
  #pace: Pace | undefined;
  #hasDrainedWhileWriting = false;

  /** Without `maxStaleMs`, or where the transport has no probes, as much may be on its way as the socket takes. */
  constructor(transport: Transport, maxStaleMs: number, now: () => number) {
    this.#transport = transport;
    if (maxStaleMs > 0 && transport.probe !== undefined) this.#pace = new Pace(maxStaleMs / 2, now);
  }

  /** No more publications may be written now; answers may, as long as the socket takes them. */
  get isFull(): boolean {
    return this.isSocketFull || this.#pace?.isFull === true;
  }

  /** What may be written until it is full. */
  get leftBytes(): number {
    return this.#pace?.leftBytes ?? Number.POSITIVE_INFINITY;
  }

  /** So many bytes would take too long to arrive. */
  wouldQueue(bytes: number): boolean {
    return this.#pace?.wouldQueue(bytes) === true;
  }

  /** @throws what a transport throws that must not. */
  write(bytes: Uint8Array): void {
    this.isWriting = true;
    this.#hasDrainedWhileWriting = false;
    try {
      const isTaken = this.#transport.write(bytes);
      this.isSocketFull = !isTaken && !this.#hasDrainedWhileWriting;
      this.#ask(this.#pace?.wrote(bytes.length));
    } finally {
      this.isWriting = false;
    }
  }

  /** The socket takes bytes again. */
  drained(): void {
    this.#hasDrainedWhileWriting = true;
    this.isSocketFull = false;
  }

  /** The client has everything written before the probe. False where it was not asked that. */
  answered(probe: number): boolean {
    if (this.#pace?.answered(probe) !== true) return false;
    this.#ask(this.#pace.dueProbe());
    return true;
  }

  /** A client that answers no probe is not waited for. */
  giveUpPacing(): void {
    if (this.#pace?.isVain === true) this.#pace = undefined;
  }

  /** As much may be on its way as the socket takes. */
  stopPacing(): void {
    this.#pace = undefined;
  }

  close(reason: CloseReason, detail?: string): void {
    this.#transport.close(reason, detail);
  }

  #ask(probe: number | undefined): void {
    if (probe !== undefined) this.#transport.probe?.(probe);
  }
}
