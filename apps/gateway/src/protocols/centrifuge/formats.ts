import { createWebSocketFormat, type WebSocketFormat } from '@tickwire/hub';
import type { Codec } from './codec.js';
import { jsonCodec } from './json-codec.js';
import { protobufCodec } from './protobuf-codec.js';

/** One encoding over one kind of connection. Made once a gateway: the hub groups sessions by their format. */
export interface Dialect {
  readonly codec: Codec;
  readonly format: WebSocketFormat;
}

export interface Dialects {
  of(isProtobuf: boolean, isCompressed: boolean): Dialect;
}

/** `onLost` is called with a channel before its followers are notified of a loss. */
export const createDialects = (onLost: (channel: string) => void): Dialects => {
  /** Compressed, all that came since the last write is one frame: deflated once for everybody, and better than each for itself. */
  const dialectsOf = (encoding: Codec): Readonly<Record<'plain' | 'deflated', Dialect>> => {
    const codec: Codec = {
      ...encoding,
      encodeNotice(notice) {
        if (notice.kind === 'lost') onLost(notice.channel);
        return encoding.encodeNotice(notice);
      },
    };
    const of = (isCompressed: boolean): Dialect => ({
      codec,
      format: createWebSocketFormat(codec, { isCompressed, isJoined: isCompressed }),
    });
    return { plain: of(false), deflated: of(true) };
  };

  const json = dialectsOf(jsonCodec);
  const binary = dialectsOf(protobufCodec);
  return {
    of: (isProtobuf, isCompressed) => (isProtobuf ? binary : json)[isCompressed ? 'deflated' : 'plain'],
  };
};
