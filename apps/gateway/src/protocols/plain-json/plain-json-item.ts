import { deflatedFrame, opcodes, type StreamItem, websocketFrame } from '@tickwire/hub';
import { jsonBytes, plainJsonFormats } from './plain-json-format.js';

/** A JSON message of a consumer's own as an item of a stream, or as an answer to one session. */
export const plainJsonItem = (value: Readonly<Record<string, unknown>>): StreamItem => {
  const frames = new Map<unknown, Uint8Array>();
  let json: Uint8Array | undefined;
  return {
    encode(format) {
      const known = frames.get(format);
      if (known !== undefined) return known;
      json ??= jsonBytes(value);
      const frame = inFormat(format, json);
      frames.set(format, frame);
      return frame;
    },
  };
};

const inFormat = (format: unknown, json: Uint8Array): Uint8Array => {
  if (format === plainJsonFormats.single) return websocketFrame(opcodes.text, json);
  if (format === plainJsonFormats.singleCompressed) return deflatedFrame(opcodes.text, json);
  return json;
};
