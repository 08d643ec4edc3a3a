import { deflatedFrame, opcodes, type PublicationFormat, websocketFrame } from '@tickwire/hub';

/** JSON text messages with the fields of the message and its `channel`; `skipped` where a slow client missed some. */
const createPlainJsonFormat = (name: string, isCompressed: boolean): PublicationFormat => {
  const frame = isCompressed ? deflatedFrame : websocketFrame;
  return {
    name,
    encodePublication: ({ channel, message }, skipped) =>
      frame(opcodes.text, jsonBytes(skipped > 0 ? { channel, ...message, skipped } : { channel, ...message })),
    encodeNotice: ({ kind, ...details }) => frame(opcodes.text, jsonBytes({ type: `channel.${kind}`, ...details })),
  };
};

/** The same as arrays: all that came since the last write in one message, compressed as one where that was agreed. */
const createBatchFormat = (name: string, isCompressed: boolean): PublicationFormat => {
  const frame = isCompressed ? deflatedFrame : websocketFrame;
  return {
    name,
    encodePublication: ({ channel, message }, skipped) =>
      jsonBytes(skipped > 0 ? { channel, ...message, skipped } : { channel, ...message }),
    encodeNotice: ({ kind, ...details }) => jsonBytes({ type: `channel.${kind}`, ...details }),
    joinBatch: (items) => frame(opcodes.text, jsonArray(items)),
  };
};

export const plainJsonFormats = {
  single: createPlainJsonFormat('plain', false),
  singleCompressed: createPlainJsonFormat('plain-deflate', true),
  batch: createBatchFormat('plain-batch', false),
  batchCompressed: createBatchFormat('plain-batch-deflate', true),
} as const;

/** Integers of other writers may be beyond what JSON numbers hold exactly: they go out as strings. */
export const jsonBytes = (value: unknown): Uint8Array =>
  Buffer.from(JSON.stringify(value, (_key, field: unknown) => (typeof field === 'bigint' ? String(field) : field)));

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
