/** The errors of a run; all are zero in a correct one. */
export interface SequenceFaults {
  /** Ticks missing between two that arrived. */
  gaps: number;
  /** A tick that arrived twice in a row. */
  duplicates: number;
  /** A tick that arrived after a newer one. */
  outOfOrder: number;
  /** Ticks a client was notified that it missed: conflation, which is not a fault where a client is slow. */
  declaredSkips: number;
  /** Ticks that were older than allowed when they arrived. */
  stale: number;
}

export const noFaults = (): SequenceFaults => ({ gaps: 0, duplicates: 0, outOfOrder: 0, declaredSkips: 0, stale: 0 });

/**
 * Follows `seq` of every client and channel. The first tick of a channel may have any `seq`: a client joins in the
 * middle. From then on each must be the next.
 */
export class SequenceCheck {
  readonly faults = noFaults();
  readonly #channels: number;
  readonly #last: Int32Array;
  readonly #staleAfterMs: number;

  constructor(clients: number, channels: number, staleAfterMs: number) {
    this.#channels = channels;
    this.#last = new Int32Array(clients * channels);
    this.#staleAfterMs = staleAfterMs;
  }

  /** Returns false if ticks are missing before it: the caller knows whether the client was notified. */
  take(client: number, channel: number, seq: number, ageMs: number): boolean {
    if (ageMs > this.#staleAfterMs) this.faults.stale += 1;
    const at = client * this.#channels + channel;
    const last = this.#last[at] as number;
    if (seq === last + 1 || last === 0) {
      this.#last[at] = seq;
      return true;
    }
    if (seq === last) this.faults.duplicates += 1;
    else if (seq < last) this.faults.outOfOrder += 1;
    else {
      this.#last[at] = seq;
      this.faults.gaps += seq - last - 1;
      return false;
    }
    return true;
  }

  /** Turns ticks counted as a gap just now into declared ones. */
  declare(skipped: number): void {
    this.faults.gaps -= skipped;
    this.faults.declaredSkips += skipped;
  }

  /** What came last; 0 before anything came. */
  lastOf(client: number, channel: number): number {
    return this.#last[client * this.#channels + channel] as number;
  }

  /** The client begins anew: its next tick may have any `seq`. */
  forget(client: number): void {
    this.#last.fill(0, client * this.#channels, (client + 1) * this.#channels);
  }

  /** How many ticks a client has not got of those published by now, of the channels it follows. */
  missingUpTo(client: number, published: readonly number[], followed: readonly number[]): number {
    return followed.reduce(
      (missing, channel) => missing + Math.max(0, (published[channel] ?? 0) - this.lastOf(client, channel)),
      0,
    );
  }
}
