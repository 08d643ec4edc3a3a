import { createWebSocketFormat, type MessageCodec, opcodes } from '@tickwire/hub';
import { jsonText } from '../json-text.js';
import { noticeFields, publicationFields } from './plain-json-fields.js';

export const jsonBytes = (value: unknown): Uint8Array => Buffer.from(jsonText(value));

const openBracket = Buffer.from('[');
const comma = Buffer.from(',');
const closeBracket = Buffer.from(']');

/** JSON text messages; joined, they are an array. */
const plainJsonCodec: MessageCodec = {
  name: 'plain',
  opcode: opcodes.text,
  encodePublication: (publication, skipped) => jsonBytes(publicationFields(publication, skipped)),
  encodeNotice: (notice) => jsonBytes(noticeFields(notice)),
  join(items) {
    const parts: Uint8Array[] = [openBracket];
    for (const [index, item] of items.entries()) {
      if (index > 0) parts.push(comma);
      parts.push(item);
    }
    parts.push(closeBracket);
    return Buffer.concat(parts);
  },
};

export const plainJsonFormats = {
  single: createWebSocketFormat(plainJsonCodec, { isCompressed: false, isJoined: false }),
  singleCompressed: createWebSocketFormat(plainJsonCodec, { isCompressed: true, isJoined: false }),
  batch: createWebSocketFormat(plainJsonCodec, { isCompressed: false, isJoined: true }),
  batchCompressed: createWebSocketFormat(plainJsonCodec, { isCompressed: true, isJoined: true }),
} as const;
