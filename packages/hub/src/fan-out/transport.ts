import type { CloseReason } from '@tickwire/protocol';

/** Where a session's bytes go. The gateway implements it over a socket. */
export interface Transport {
  /**
   * Receives whole frames, must not change them, and keeps their order. False: write no more until `Session.drained()`.
   */
  write(bytes: Uint8Array): boolean;
  /**
   * Sends a probe. The client answers with `Session.answered(probe)` once it has everything written before. Without
   * probes the bytes on their way to the client are not known.
   */
  probe?(probe: number): void;
  /** Begins closing; everything written before is sent first. */
  close(reason: CloseReason, detail?: string): void;
}
