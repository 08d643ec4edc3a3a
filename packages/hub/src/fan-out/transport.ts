import type { CloseReason } from '@tickwire/protocol';

/** Where a session's bytes go. Implemented over a socket by the gateway. */
export interface Transport {
  /** Takes whole frames; never changes or keeps order back. False: write no more until `Session.drained()`. */
  write(bytes: Uint8Array): boolean;
  /** Begins closing; whatever was written before goes out first. */
  close(reason: CloseReason, detail?: string): void;
}
