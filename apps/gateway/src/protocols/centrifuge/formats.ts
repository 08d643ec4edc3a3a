import { type ChannelNotice, deflatedFrame, type PublicationFormat, websocketFrame } from '@tickwire/hub';
import type { Codec } from './codec.js';
import { jsonCodec } from './json-codec.js';
import { protobufCodec } from './protobuf-codec.js';

/** A shorter reply grows rather than shrinks when it is deflated. */
const minDeflatedBytes = 1_024;

/** One encoding over one kind of connection. Made once a gateway: the hub groups sessions by their format. */
export interface Dialect {
  readonly codec: Codec;
  readonly format: PublicationFormat;
  /** A reply as a frame for the socket. */
  frame(payload: Uint8Array): Uint8Array;
}

export interface Dialects {
  of(isProtobuf: boolean, isCompressed: boolean): Dialect;
}

/** `onLost` is called with a channel before its followers are told that something of it is lost. */
export const createDialects = (onLost: (channel: string) => void): Dialects => {
  const told = (codec: Codec, notice: ChannelNotice): Uint8Array => {
    if (notice.kind === 'lost') onLost(notice.channel);
    return codec.encodeNotice(notice);
  };

  /** Each publication a frame: ready for the socket, and the log that sessions share needs no copy of it. */
  const plain = (codec: Codec): Dialect => ({
    codec,
    frame: (payload) => websocketFrame(codec.opcode, payload),
    format: {
      name: codec.name,
      encodePublication: (publication, skipped) =>
        websocketFrame(codec.opcode, codec.encodePublication(publication, skipped)),
      encodeNotice: (notice) => websocketFrame(codec.opcode, told(codec, notice)),
    },
  });

  /** All that came since the last write as one frame: deflated once for everybody, and better than each for itself. */
  const deflated = (codec: Codec): Dialect => ({
    codec,
    frame: (payload) => (payload.length < minDeflatedBytes ? websocketFrame : deflatedFrame)(codec.opcode, payload),
    format: {
      name: `${codec.name}-deflate`,
      encodePublication: (publication, skipped) => codec.encodePublication(publication, skipped),
      encodeNotice: (notice) => told(codec, notice),
      joinBatch: (items) => deflatedFrame(codec.opcode, codec.join(items)),
    },
  });

  const json = { plain: plain(jsonCodec), deflated: deflated(jsonCodec) };
  const binary = { plain: plain(protobufCodec), deflated: deflated(protobufCodec) };
  return {
    of: (isProtobuf, isCompressed) => (isProtobuf ? binary : json)[isCompressed ? 'deflated' : 'plain'],
  };
};
