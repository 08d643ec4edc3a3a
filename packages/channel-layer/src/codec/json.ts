import { types } from 'node:util';
import { InvalidMessage } from '../errors.js';
import type { Serializer, ValueLimits } from './message-check.js';

/**
 * JSON as Python's `json.dumps` writes it with its defaults: a space after `,` and `:`, non-ASCII escaped. Reading is
 * `JSON.parse`: integers beyond 2^53 are rounded, and `NaN`, which Python reads and writes, is rejected.
 */
export const createJsonSerializer = (): Serializer => {
  // `fatal` rejects bad UTF-8, `ignoreBOM` keeps a byte order mark, which JSON.parse then rejects.
  const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  return {
    encode: (message) => Buffer.from(dumps(message), 'latin1'),
    decode: (bytes) => JSON.parse(utf8.decode(bytes)),
    isBeyond: hasMore,
  };
};

const quoteMark = 0x22;
const backslash = 0x5c;
const openBrace = 0x7b;

/** Every key and value but the first of a list or map has a comma or colon before it. */
const hasMore = (bytes: Uint8Array, { maxValues, maxMaps }: ValueLimits): boolean => {
  let values = 1;
  let maps = 0;
  let isText = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === quoteMark) isText = !isText;
    else if (isText) at += byte === backslash ? 1 : 0;
    else if (byte === openBrace) {
      values += 1;
      maps += 1;
    } // , : [
    else if (byte === 0x2c || byte === 0x3a || byte === 0x5b) values += 1;
  }
  return values > maxValues || maps > maxMaps;
};

const dumps = (value: unknown): string => {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'number':
      return Number.isInteger(value) ? String(value) : float(value);
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return `[${value.map(dumps).join(', ')}]`;
      if (types.isUint8Array(value)) throw new InvalidMessage('JSON cannot carry bytes');
      return `{${Object.entries(value)
        .map(([key, inner]) => `${quote(key)}: ${dumps(inner)}`)
        .join(', ')}}`;
    default:
      return String(value);
  }
};

const quote = (text: string): string =>
  JSON.stringify(text).replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Both languages write the shortest digits that read back the same; Python uses exponents earlier, with two digits. */
const float = (value: number): string => {
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  return Number(exponent) < -4 ? `${digits}e-${exponent.slice(1).padStart(2, '0')}` : String(value);
};
