import type { Message } from '@tickwire/channel-layer';
import type { Position } from '@tickwire/protocol';

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

/** How publications look to one kind of client. A singleton: each publication keeps the bytes made by it. */
export interface PublicationEncoder {
  /** `skipped` is how many publications of the stream the receiver did not get before this one: 0 for all but slow sessions. */
  encodePublication(publication: Publication, skipped: number): Uint8Array;
}

/** The encoding of a protocol: what clients get, as payloads of messages. Knows no frames and no compression. */
export interface Codec extends PublicationEncoder {
  encodeNotice(notice: ChannelNotice): Uint8Array;
}

/** How items reach one kind of client. Formats are singletons: sessions are grouped by them, and items keep a frame for each. */
export interface WireFormat {
  readonly name: string;
  readonly codec: Codec;
  /** A payload as it is written: a whole frame, ready for the socket; the payload itself where `joinBatch` makes the frame. */
  frame(payload: Uint8Array): Uint8Array;
  /** Joins what a session is owed since its last write into one frame, for formats whose clients accept several items in one. */
  readonly joinBatch?: (payloads: readonly Uint8Array[]) => Uint8Array;
}

/** One thing to be sent on a stream. Its bytes are made once a format, and shared by every session of that format. */
export abstract class StreamItem {
  #key: object | undefined;
  #bytes: Uint8Array | undefined;
  #more: Map<object, Uint8Array> | undefined;

  /** Where it stands in its channel; undefined for what has no place there. */
  abstract readonly position: Position | undefined;

  protected abstract payload(codec: Codec, skipped: number): Uint8Array;

  encode(format: WireFormat, skipped: number): Uint8Array {
    // Only slow sessions skip, each its own number: not worth keeping.
    if (skipped > 0) return format.frame(this.payload(format.codec, skipped));
    return this.known(format) ?? this.keep(format, format.frame(this.#payload(format.codec)));
  }

  protected known(key: object): Uint8Array | undefined {
    return this.#key === key ? this.#bytes : this.#more?.get(key);
  }

  protected keep(key: object, bytes: Uint8Array): Uint8Array {
    if (this.#key === undefined) {
      this.#key = key;
      this.#bytes = bytes;
    } else {
      this.#more ??= new Map();
      this.#more.set(key, bytes);
    }
    return bytes;
  }

  /** Kept from the second format on: where there is one alone, its frame is enough. */
  #payload(codec: Codec): Uint8Array {
    if (this.#key === undefined) return this.payload(codec, 0);
    return this.known(codec) ?? this.keep(codec, this.payload(codec, 0));
  }
}

/** One message on a channel. Messages of other writers (a Django app) have no position and no place in history. */
export class Publication extends StreamItem {
  readonly channel: string;
  readonly position: Position | undefined;
  readonly message: Message;
  /** When it was heard, in milliseconds of the hub's clock; undefined for what history gave. */
  readonly heardAt: number | undefined;

  constructor(channel: string, position: Position | undefined, message: Message, heardAt?: number) {
    super();
    this.channel = channel;
    this.position = position;
    this.message = message;
    this.heardAt = heardAt;
  }

  /** For those who put publications into messages of their own. Made once an encoder. */
  encodeWith(encoder: PublicationEncoder): Uint8Array {
    return this.known(encoder) ?? this.keep(encoder, encoder.encodePublication(this, 0));
  }

  protected override payload(codec: Codec, skipped: number): Uint8Array {
    return codec.encodePublication(this, skipped);
  }
}

/** A notice as an item of the channel's stream: it keeps its place between publications. */
export class NoticeItem extends StreamItem {
  readonly position = undefined;
  readonly #notice: ChannelNotice;

  constructor(notice: ChannelNotice) {
    super();
    this.#notice = notice;
  }

  protected override payload(codec: Codec): Uint8Array {
    return codec.encodeNotice(this.#notice);
  }
}

/** What a consumer makes by itself, in the one encoding its clients have. */
export class PayloadItem extends StreamItem {
  readonly position = undefined;
  readonly #make: () => Uint8Array;

  /** `make` may throw: the item is then counted as one that nobody can encode, and left out. */
  constructor(make: () => Uint8Array) {
    super();
    this.#make = make;
  }

  protected override payload(): Uint8Array {
    return this.#make();
  }
}
