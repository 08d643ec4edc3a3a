import type { Message } from '@tickwire/channel-layer';
import type { Position } from '@tickwire/protocol';
import type { StreamItem, WireFormat } from './wire-format.js';

/** A wire format for publications: what consumers implement once each. */
export interface PublicationFormat extends WireFormat {
  encodePublication(publication: Publication, skipped: number): Uint8Array;
  encodeNotice(notice: ChannelNotice): Uint8Array;
}

/** One message on a channel. Messages of other writers (a Django app) have no position and no place in history. */
export class Publication implements StreamItem {
  readonly channel: string;
  readonly position: Position | undefined;
  readonly message: Message;
  #format: WireFormat | undefined;
  #bytes: Uint8Array | undefined;
  #more: Map<WireFormat, Uint8Array> | undefined;

  constructor(channel: string, position: Position | undefined, message: Message) {
    this.channel = channel;
    this.position = position;
    this.message = message;
  }

  encode(format: WireFormat, skipped: number): Uint8Array {
    // Only slow sessions skip, each its own number: not worth keeping.
    if (skipped > 0) return (format as PublicationFormat).encodePublication(this, skipped);
    if (this.#format === format && this.#bytes !== undefined) return this.#bytes;
    const known = this.#more?.get(format);
    if (known !== undefined) return known;
    const bytes = (format as PublicationFormat).encodePublication(this, 0);
    if (this.#format === undefined) {
      this.#format = format;
      this.#bytes = bytes;
    } else {
      this.#more ??= new Map();
      this.#more.set(format, bytes);
    }
    return bytes;
  }
}

/** What happened to a channel that its followers must know: nothing goes missing in silence. */
export type ChannelNotice =
  /** History no longer holds what was published between the two; `resumed` is where the channel goes on. */
  | {
      readonly kind: 'lost';
      readonly channel: string;
      readonly after: Position | undefined;
      readonly resumed: Position;
    }
  /** The layer is out of reach: publications may be late. They will be delivered, or reported lost. */
  | { readonly kind: 'stale'; readonly channel: string }
  /** The layer is back and the channel complete up to its newest publication. */
  | { readonly kind: 'live'; readonly channel: string };

/** A notice as an item of the channel's stream: it keeps its place between publications. */
export const noticeItem = (notice: ChannelNotice): StreamItem => ({
  encode: (format) => (format as PublicationFormat).encodeNotice(notice),
});
