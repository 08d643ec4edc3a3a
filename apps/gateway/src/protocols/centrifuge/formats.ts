import { createWebSocketFormat, type WebSocketFormat } from '@tickwire/hub';
import type { Codec } from './codec.js';
import { jsonCodec } from './json-codec.js';
import { protobufCodec } from './protobuf-codec.js';

/** One encoding on one kind of connection. Made once per gateway: the hub groups sessions by their format. */
export interface Dialect {
  readonly codec: Codec;
  readonly format: WebSocketFormat;
}

export interface DialectOptions {
  readonly isProtobuf: boolean;
  readonly isCompressed: boolean;
  readonly showsAge: boolean;
}

export interface Dialects {
  of(wanted: DialectOptions): Dialect;
}

/** `onLost` is called with a channel before its followers are notified of a loss. */
export const createDialects = (onLost: (channel: string) => void): Dialects => {
  /**
   * If compressed, everything since the last write is one frame: deflated once for all clients, and better than in
   * pieces.
   */
  const dialectsOf = (encoding: Codec): ((options: Omit<DialectOptions, 'isProtobuf'>) => Dialect) => {
    const codec: Codec = {
      ...encoding,
      encodeNotice(notice) {
        if (notice.kind === 'lost') onLost(notice.channel);
        return encoding.encodeNotice(notice);
      },
    };
    const of = (isCompressed: boolean, showsAge: boolean): Dialect => ({
      codec,
      format: createWebSocketFormat(codec, { isCompressed, isJoined: isCompressed, showsAge }),
    });
    const plain = { bare: of(false, false), aged: of(false, true) };
    const deflated = { bare: of(true, false), aged: of(true, true) };
    return ({ isCompressed, showsAge }) => (isCompressed ? deflated : plain)[showsAge ? 'aged' : 'bare'];
  };

  const json = dialectsOf(jsonCodec);
  const binary = dialectsOf(protobufCodec);
  return { of: ({ isProtobuf, ...options }) => (isProtobuf ? binary : json)(options) };
};
