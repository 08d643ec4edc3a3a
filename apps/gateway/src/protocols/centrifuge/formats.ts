import { createWebSocketFormat, type WebSocketFormat } from '@tickwire/hub';
import { jsonBetween } from '../json-text.js';
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
  /** Over an HTTP response that does not end: events, lines, or messages that begin with their length. */
  ofStream(kind: StreamKind, showsAge: boolean): Dialect;
}

export type StreamKind = 'sse' | 'lines' | 'protobuf';

const streamFrames: Readonly<Record<StreamKind, (payload: Uint8Array) => Uint8Array>> = {
  sse: (payload) => jsonBetween('data: ', payload, '\n\n'),
  lines: (payload) => jsonBetween('', payload, '\n'),
  protobuf: (payload) => payload,
};

/** `onLost` is called with a channel before its followers are notified of a loss. */
export const createDialects = (onLost: (channel: string) => void): Dialects => {
  /**
   * If compressed, everything since the last write is one frame: deflated once for all clients, and better than in
   * pieces.
   */
  const dialectsOf = (codec: Codec): ((options: Omit<DialectOptions, 'isProtobuf'>) => Dialect) => {
    const of = (isCompressed: boolean, showsAge: boolean): Dialect => ({
      codec,
      format: createWebSocketFormat(codec, { isCompressed, isJoined: isCompressed, showsAge }),
    });
    const plain = { bare: of(false, false), aged: of(false, true) };
    const deflated = { bare: of(true, false), aged: of(true, true) };
    return ({ isCompressed, showsAge }) => (isCompressed ? deflated : plain)[showsAge ? 'aged' : 'bare'];
  };

  const codecs = { json: noticing(jsonCodec, onLost), binary: noticing(protobufCodec, onLost) };
  const json = dialectsOf(codecs.json);
  const binary = dialectsOf(codecs.binary);
  const streams = new Map<string, Dialect>();
  return {
    of: ({ isProtobuf, ...options }) => (isProtobuf ? binary : json)(options),
    ofStream(kind, showsAge) {
      const codec = kind === 'protobuf' ? codecs.binary : codecs.json;
      const name = `${codec.name}-${kind}${showsAge ? '-age' : ''}`;
      const dialect = streams.get(name) ?? { codec, format: streamFormat(name, codec, kind, showsAge) };
      streams.set(name, dialect);
      return dialect;
    },
  };
};

const noticing = (codec: Codec, onLost: (channel: string) => void): Codec => ({
  ...codec,
  encodeNotice(notice) {
    if (notice.kind === 'lost') onLost(notice.channel);
    return codec.encodeNotice(notice);
  },
});

const streamFormat = (name: string, codec: Codec, kind: StreamKind, showsAge: boolean): WebSocketFormat => {
  const frame = streamFrames[kind];
  return { name, codec, showsAge, frame, message: frame, messageOfParts: (parts) => frame(Buffer.concat(parts)) };
};
