import type { Message } from '@tickwire/channel-layer';
import type { Position } from '@tickwire/protocol';

/** An event on a channel that its followers must know: nothing goes missing in silence. */
export type ChannelNotice =
  /** History no longer holds what was published between the two positions; the channel continues at `resumed`. */
  | {
      readonly kind: 'lost';
      readonly channel: string;
      readonly after: Position | undefined;
      readonly resumed: Position;
    }
  /** The layer is unreachable: publications may be late. They will be delivered or reported as lost. */
  | { readonly kind: 'stale'; readonly channel: string }
  /** The layer is reachable again and the channel is complete up to its newest publication. */
  | { readonly kind: 'live'; readonly channel: string };

/** How publications look to one kind of client. A singleton: each publication keeps the bytes made by it. */
export interface PublicationEncoder {
  /**
   * `skipped` is how many publications of the stream the receiver did not get before this one: 0 except for slow
   * sessions. `waitedMs` is how old it is, where the format shows that.
   */
  encodePublication(publication: Publication, skipped: number, waitedMs?: number): Uint8Array;
}

/** The encoding of a protocol: payloads of messages for clients. Knows neither frames nor compression. */
export interface Codec extends PublicationEncoder {
  encodeNotice(notice: ChannelNotice): Uint8Array;
}

/**
 * How items reach one kind of client. Formats are singletons: sessions are grouped by format, and items keep a frame
 * for each.
 */
export interface WireFormat {
  readonly name: string;
  readonly codec: Codec;
  /** Its clients asked for the age of what they get after others were skipped. */
  readonly showsAge?: boolean;
  /** A payload as it is written: a whole frame, ready for the socket; with `joinBatch`, the payload itself. */
  frame(payload: Uint8Array): Uint8Array;
  /**
   * Joins everything a session is owed since its last write into one frame, for clients that accept several items in
   * one.
   */
  readonly joinBatch?: (payloads: readonly Uint8Array[]) => Uint8Array;
}

/** One message with these items. @throws what the format throws */
export const joined = ({ joinBatch }: WireFormat, items: readonly Uint8Array[]): Uint8Array => {
  if (joinBatch !== undefined) return joinBatch(items);
  const [only] = items;
  return items.length === 1 && only !== undefined ? only : Buffer.concat(items);
};

/** One item to be sent on a stream. Its bytes are made once per format and shared by every session of that format. */
export abstract class StreamItem {
  #key: object | undefined;
  #bytes: Uint8Array | undefined;
  #more: Map<object, Uint8Array> | undefined;

  /** Its place in the channel; undefined for an item without one. */
  abstract readonly position: Position | undefined;
  /** When it was heard, in milliseconds of the hub's clock; undefined for an item that was not heard. */
  readonly heardAt: number | undefined;

  constructor(heardAt?: number) {
    this.heardAt = heardAt;
  }

  protected abstract payload(codec: Codec, skipped: number, waitedMs?: number): Uint8Array;

  encode(format: WireFormat, skipped: number, waitedMs?: number): Uint8Array {
    // Only slow sessions skip, each its own number: not worth keeping.
    if (skipped > 0) return format.frame(this.payload(format.codec, skipped, waitedMs));
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

  /** Kept from the second format on: a single format needs only its frame. */
  #payload(codec: Codec): Uint8Array {
    if (this.#key === undefined) return this.payload(codec, 0);
    return this.known(codec) ?? this.keep(codec, this.payload(codec, 0));
  }
}

/** Returns a position only if it is complete: `seq` is a positive safe integer and `epoch` a string. */
export const positionOf = (message: Message): Position | undefined => {
  const { seq, epoch } = message;
  if (typeof epoch !== 'string' || typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 1) return undefined;
  return { seq, epoch };
};

/** One message on a channel. Messages of other writers (a Django app) have no position and no place in history. */
export class Publication extends StreamItem {
  readonly channel: string;
  readonly position: Position | undefined;
  readonly message: Message;
  /** The message as JSON text, if the layer has it: codecs put it into their payloads as it is. */
  readonly json: Uint8Array | undefined;

  /** Publications from history have no `heardAt`. */
  constructor(channel: string, position: Position | undefined, message: Message, heardAt?: number, json?: Uint8Array) {
    super(heardAt);
    this.channel = channel;
    this.position = position;
    this.message = message;
    this.json = json;
  }

  /** For code that puts publications into its own messages. Encoded once per encoder. */
  encodeWith(encoder: PublicationEncoder): Uint8Array {
    return this.known(encoder) ?? this.keep(encoder, encoder.encodePublication(this, 0));
  }

  protected override payload(codec: Codec, skipped: number, waitedMs?: number): Uint8Array {
    return codec.encodePublication(this, skipped, waitedMs);
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

/** An item that a consumer makes itself, in the only encoding its clients have. */
export class PayloadItem extends StreamItem {
  readonly position = undefined;
  readonly #make: () => Uint8Array;

  /** `make` may throw: the item is then counted as unencodable and left out. */
  constructor(make: () => Uint8Array) {
    super();
    this.#make = make;
  }

  protected override payload(): Uint8Array {
    return this.#make();
  }
}
