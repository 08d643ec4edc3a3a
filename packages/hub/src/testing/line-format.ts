import type { Position } from '@tickwire/protocol';
import type { ChannelNotice, Codec, WireFormat } from '../fan-out/wire-format.js';

/** A line that a client reads from the bytes of a line format. */
export type Line =
  | {
      readonly kind: 'publication';
      readonly channel: string;
      readonly position: Position | undefined;
      readonly fields: Readonly<Record<string, unknown>>;
      readonly skipped: number;
    }
  | ChannelNotice
  | { readonly kind: 'own'; readonly text: string };

const line = (value: Line): Uint8Array => Buffer.from(`${JSON.stringify(value)}\n`);

/** A frame for one session, distinguishable from items. */
export const ownLine = (text: string): Uint8Array => line({ kind: 'own', text });

const lineCodec: Codec = {
  encodePublication: ({ channel, position, message }, skipped) =>
    line({ kind: 'publication', channel, position, fields: message, skipped }),
  encodeNotice: (notice) => line(notice),
};

/** One frame per item: a line of JSON. */
export const lineFormat: WireFormat = { name: 'line', codec: lineCodec, frame: (payload) => payload };

/** Joined items become one message: lines between brackets. */
export const batchLineFormat: WireFormat = {
  ...lineFormat,
  name: 'batch-line',
  joinBatch: (items) => Buffer.concat([Buffer.from('[\n'), ...items, Buffer.from(']\n')]),
};

/** Parses whole frames into lines. @throws SyntaxError for incomplete frames. */
export const parseLines = (bytes: Uint8Array): Line[] => {
  const text = Buffer.from(bytes).toString();
  if (!text.endsWith('\n')) throw new SyntaxError(`not whole frames: ${text.slice(-80)}`);
  return text
    .split('\n')
    .filter((part) => part !== '' && part !== '[' && part !== ']')
    .map((part) => JSON.parse(part) as Line);
};
