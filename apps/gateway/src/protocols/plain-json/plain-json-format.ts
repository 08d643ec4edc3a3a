import {
  type ChannelNotice,
  createWebSocketFormat,
  type MessageCodec,
  opcodes,
  type Publication,
  type WebSocketFormat,
} from '@tickwire/hub';
import { jsonText } from '../json-text.js';
import { noticeFields, publicationFields } from './plain-json-fields.js';

export const jsonBytes = (value: unknown): Uint8Array => Buffer.from(jsonText(value));

const openBracket = Buffer.from('[');
const comma = Buffer.from(',');
const closeBracket = Buffer.from(']');

/** JSON text messages; joined, they are an array. */
const plainJsonCodec = {
  name: 'plain',
  opcode: opcodes.text,
  encodePublication: (publication: Publication, skipped: number, waitedMs?: number) =>
    jsonBytes(publicationFields(publication, skipped, waitedMs)),
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
