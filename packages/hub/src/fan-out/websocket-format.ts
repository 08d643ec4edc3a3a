import { deflatedFrame, deflatedFrameOfParts, type Opcode, websocketFrame } from './websocket-frame.js';
import type { Codec, WireFormat } from './wire-format.js';

/** A codec whose payloads are WebSocket messages. */
export interface MessageCodec extends Codec {
  readonly name: string;
  readonly opcode: Opcode;
  /** Joins several payloads into one. */
  join(payloads: readonly Uint8Array[]): Uint8Array;
}

export interface WebSocketFormat extends WireFormat {
  /** A frame for one session only: never joined with others. */
  message(payload: Uint8Array): Uint8Array;
  /** The same for a payload in parts: parts that many messages share are compressed once. */
  messageOfParts(parts: readonly Uint8Array[]): Uint8Array;
}

export interface WebSocketFormatOptions {
  /** The connections negotiated permessage-deflate. */
  readonly isCompressed: boolean;
  /** Items since the last write become one message: for clients that accept several items in one. */
  readonly isJoined: boolean;
  /** After skipped publications the next one says how old it is. @default false */
  readonly showsAge?: boolean;
}

/** A shorter payload becomes larger when it is deflated on its own. */
const minDeflatedBytes = 1_024;

/** A codec over one kind of connection. Created once per gateway and kind: the hub groups sessions by their format. */
export const createWebSocketFormat = (codec: MessageCodec, options: WebSocketFormatOptions): WebSocketFormat => {
  const { isCompressed, isJoined, showsAge = false } = options;
  const frame = (payload: Uint8Array): Uint8Array =>
    isCompressed ? deflatedFrame(codec.opcode, payload) : websocketFrame(codec.opcode, payload);
  const shared = {
    name: `${codec.name}${isJoined ? '-batch' : ''}${isCompressed ? '-deflate' : ''}${showsAge ? '-age' : ''}`,
    codec,
    showsAge,
    message: (payload: Uint8Array): Uint8Array =>
      payload.length < minDeflatedBytes ? websocketFrame(codec.opcode, payload) : frame(payload),
    messageOfParts(parts: readonly Uint8Array[]): Uint8Array {
      const isShort = parts.reduce((bytes, part) => bytes + part.length, 0) < minDeflatedBytes;
      if (isShort || !isCompressed) return websocketFrame(codec.opcode, Buffer.concat(parts));
      return deflatedFrameOfParts(codec.opcode, parts);
    },
  };
  if (!isJoined) return { ...shared, frame };
  return { ...shared, frame: (payload) => payload, joinBatch: (payloads) => frame(codec.join(payloads)) };
};
