import { deflatedFrame, opcodes, type PublicationFormat, websocketFrame } from '@tickwire/hub';
import { jsonText } from '../json-text.js';
import { noticeFields, publicationFields } from './plain-json-fields.js';

/** JSON text messages with the fields of the message and its `channel`; `skipped` where a slow client missed some. */
const createPlainJsonFormat = (name: string, isCompressed: boolean): PublicationFormat => {
  const frame = isCompressed ? deflatedFrame : websocketFrame;
  return {
    name,
    encodePublication: (publication, skipped) =>
      frame(opcodes.text, jsonBytes(publicationFields(publication, skipped))),
    encodeNotice: (notice) => frame(opcodes.text, jsonBytes(noticeFields(notice))),
  };
};

/** The same as arrays: all that came since the last write in one message, compressed as one where that was agreed. */
const createBatchFormat = (name: string, isCompressed: boolean): PublicationFormat => {
  const frame = isCompressed ? deflatedFrame : websocketFrame;
  return {
    name,
    encodePublication: (publication, skipped) => jsonBytes(publicationFields(publication, skipped)),
    encodeNotice: (notice) => jsonBytes(noticeFields(notice)),
    joinBatch: (items) => frame(opcodes.text, jsonArray(items)),
  };
};

export const plainJsonFormats = {
  single: createPlainJsonFormat('plain', false),
  singleCompressed: createPlainJsonFormat('plain-deflate', true),
  batch: createBatchFormat('plain-batch', false),
  batchCompressed: createBatchFormat('plain-batch-deflate', true),
} as const;

export const jsonBytes = (value: unknown): Uint8Array => Buffer.from(jsonText(value));

const openBracket = Buffer.from('[');
const comma = Buffer.from(',');
const closeBracket = Buffer.from(']');

const jsonArray = (items: readonly Uint8Array[]): Uint8Array => {
  const parts: Uint8Array[] = [openBracket];
  for (const [index, item] of items.entries()) {
    if (index > 0) parts.push(comma);
    parts.push(item);
  }
  parts.push(closeBracket);
  return Buffer.concat(parts);
};
