import type { CloseReason } from '@tickwire/protocol';

/** Where a session's bytes go. Implemented over a socket by the gateway. */
export interface Transport {
  /** Takes whole frames; never changes or keeps order back. False: write no more until `Session.drained()`. */
  write(bytes: Uint8Array): boolean;
  /**
   * Sends a question that the client answers with `Session.answered(probe)` once it has everything written before. Where
   * there is none, what waits on the way to the client cannot be known.
   */
  probe?(probe: number): void;
  /** Begins closing; whatever was written before goes out first. */
  close(reason: CloseReason, detail?: string): void;
}
