import {
  type ChannelNotice,
  createWebSocketFormat,
  type MessageCodec,
  opcodes,
  PayloadItem,
  type Publication,
  type WebSocketFormat,
} from '@tickwire/hub';
import { jsonBetween, jsonText, messageJson } from '../json-text.js';
import { isPlain, noticeFields, publicationFields } from './plain-json-fields.js';

export const jsonBytes = (value: unknown): Uint8Array => Buffer.from(jsonText(value));

/** A consumer's own JSON message, as an item of a stream or as an answer to one session. */
export const plainJsonItem = (value: Readonly<Record<string, unknown>>): PayloadItem =>
  new PayloadItem(() => jsonBytes(value));

const openBracket = Buffer.from('[');
const comma = Buffer.from(',');
const closeBracket = Buffer.from(']');

const publicationBytes = (publication: Publication, skipped: number, waitedMs?: number): Uint8Array =>
  skipped === 0 && isPlain(publication)
    ? // A channel's name has no character that JSON would escape; a message has at least its type.
      jsonBetween(`{"channel":"${publication.channel}",`, messageJson(publication).subarray(1), '')
    : jsonBytes(publicationFields(publication, skipped, waitedMs));

/** JSON text messages; joined, they are an array. */
const plainJsonCodec = {
  name: 'plain',
  opcode: opcodes.text,
  encodePublication: publicationBytes,
  encodeNotice: (notice: ChannelNotice) => jsonBytes(noticeFields(notice)),
  join(items: readonly Uint8Array[]): Uint8Array {
    const parts: Uint8Array[] = [openBracket];
    for (const [index, item] of items.entries()) {
      if (index > 0) parts.push(comma);
      parts.push(item);
    }
    parts.push(closeBracket);
    return Buffer.concat(parts);
  },
} as const satisfies MessageCodec;

const formatsWith = (showsAge: boolean) => ({
  single: createWebSocketFormat(plainJsonCodec, { isCompressed: false, isJoined: false, showsAge }),
  singleCompressed: createWebSocketFormat(plainJsonCodec, { isCompressed: true, isJoined: false, showsAge }),
  batch: createWebSocketFormat(plainJsonCodec, { isCompressed: false, isJoined: true, showsAge }),
  batchCompressed: createWebSocketFormat(plainJsonCodec, { isCompressed: true, isJoined: true, showsAge }),
});

const formats = { plain: formatsWith(false), aged: formatsWith(true) };

export interface PlainJsonFormatOptions {
  readonly isBatch: boolean;
  readonly isCompressed: boolean;
  readonly showsAge: boolean;
}

export const plainJsonFormat = ({ isBatch, isCompressed, showsAge }: PlainJsonFormatOptions): WebSocketFormat => {
  const { single, singleCompressed, batch, batchCompressed } = formats[showsAge ? 'aged' : 'plain'];
  if (isBatch) return isCompressed ? batchCompressed : batch;
  return isCompressed ? singleCompressed : single;
};
