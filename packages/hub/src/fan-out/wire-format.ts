import type { Position } from '@tickwire/protocol';

/** One thing to be sent on a stream: a publication, or what a consumer made of several. */
export interface StreamItem {
  /** Where it stands in its channel; undefined for what has no place there. */
  readonly position?: Position | undefined;
  /**
   * The bytes of this item in a wire format, made once and shared by every session of that format.
   * `skipped` is how many items of the stream the receiver did not get before this one; 0 for all but slow sessions.
   */
  encode(format: WireFormat, skipped: number): Uint8Array;
}

/**
 * How items look to one kind of client. Formats are singletons: sessions are grouped by them, and each item keeps one
 * encoding per format.
 */
export interface WireFormat {
  readonly name: string;
  /**
   * Joins what a session is owed since its last write into one message, for formats whose clients accept several
   * items in one. Without it, what `encode` returns is written as it is: complete frames, ready for the socket.
   */
  readonly joinBatch?: (items: readonly Uint8Array[]) => Uint8Array;
}

/** Where a session's bytes go. Implemented over a socket by the gateway. */
export interface Transport {
  /** Takes whole frames; never changes or keeps order back. False: write no more until `Session.drained()`. */
  write(bytes: Uint8Array): boolean;
  /** Begins closing; whatever was written before goes out first. */
  close(code: number, reason: string): void;
}
