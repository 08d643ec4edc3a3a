import { isUtf8 } from 'node:buffer';
import { types } from 'node:util';
import { Decoder, Encoder, type ExtensionCodecType } from '@msgpack/msgpack';
import type { Serializer } from './message-check.js';
import { createMsgpackToJson } from './msgpack-json.js';
import { assertShape } from './msgpack-shape.js';

/**
 * msgpack as Python's `packb` and `unpackb` write and read it with their defaults, byte for byte. The exception is a
 * whole float: JavaScript has one number type, so `1.0` travels as the integer 1.
 * Integers outside +-2^53 arrive as bigint, all others as number. Rejected on reading: extra bytes, extension types,
 * text values that are not UTF-8, map keys that are not strings.
 */
export const createMsgpackSerializer = (): Serializer => {
  const reading = { extensionCodec: noExtensions, mapKeyConverter: onlyStrings };
  const encoder = new Encoder({ extensionCodec: noExtensions });
  const bigEncoder = new Encoder({ extensionCodec: noExtensions, useBigInt64: true });
  const decoder = new Decoder(reading);
  const bigDecoder = new Decoder({ ...reading, useBigInt64: true });
  const toJson = createMsgpackToJson();
  const rawDecoder = new Decoder({ ...reading, rawStrings: true });

  return {
    toJson,
    encode: (message) =>
      hasBigInt(message) ? bigEncoder.encode(mapLeaves(message, toShortestForm)) : encoder.encode(message),
    hasMoreValues: (bytes, maxValues) => assertShape(bytes) > maxValues,
    decode(bytes) {
      assertShape(bytes);
      const value = decoder.decode(bytes);
      const doubts = doubtsAbout(value);
      if (doubts & nonAscii) assertUtf8(value, rawDecoder.decode(bytes));
      return doubts & rounded ? mapLeaves(bigDecoder.decode(bytes), toNumber) : value;
    },
  };
};

/** Without this a Date would be encoded, and a timestamp decoded, as an extension that few readers know. */
const noExtensions: ExtensionCodecType<undefined> = {
  tryToEncode: () => null,
  decode: (_data, type) => {
    throw new Error(`extension type ${type}`);
  },
};

const onlyStrings = (key: unknown): string => {
  if (typeof key !== 'string') throw new Error(`a map key is a ${typeof key}`);
  return key;
};

const isBigInt = (leaf: unknown): leaf is bigint => typeof leaf === 'bigint';

/** With `useBigInt64` the encoder writes every bigint in 8 bytes, and a number beyond 32 bits as a float. */
const toShortestForm = (leaf: unknown): unknown => {
  if (isBigInt(leaf)) return fits32Bits(leaf) ? Number(leaf) : leaf;
  return typeof leaf === 'number' && Number.isSafeInteger(leaf) && !fits32Bits(leaf) ? BigInt(leaf) : leaf;
};

const toNumber = (leaf: unknown): unknown =>
  isBigInt(leaf) && Number.isSafeInteger(Number(leaf)) ? Number(leaf) : leaf;

const fits32Bits = (value: number | bigint): boolean => value >= -0x8000_0000 && value <= 0xffff_ffff;

/** Flags of `doubtsAbout`: what the fast decoder may have got wrong. */
const nonAscii = 1;
const rounded = 2;

/** Checks each message; most have no doubts and are not decoded a second time. */
const doubtsAbout = (value: unknown): number => {
  if (typeof value === 'string') return isAscii(value) ? 0 : nonAscii;
  // The fast decoder rounds 64-bit integers beyond 2^53.
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value) ? rounded : 0;
  if (typeof value !== 'object' || value === null || types.isUint8Array(value)) return 0;
  let doubts = 0;
  // `for in` allocates nothing, and decoded maps have no inherited fields.
  for (const key in value) doubts |= doubtsAbout((value as Record<string, unknown>)[key]);
  return doubts;
};

const isAscii = (text: string): boolean => {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
};

/** The decoder replaces bad UTF-8 where Python rejects it, so the raw strings are checked again. */
const assertUtf8 = (value: unknown, raw: unknown): void => {
  if (typeof value === 'string') {
    if (types.isUint8Array(raw) && !isUtf8(raw)) throw new Error('a string is not UTF-8');
  } else if (typeof value === 'object' && value !== null && !types.isUint8Array(value)) {
    for (const [key, inner] of Object.entries(value)) assertUtf8(inner, (raw as Record<string, unknown>)[key]);
  }
};

const hasBigInt = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return isBigInt(value);
  if (types.isUint8Array(value)) return false;
  for (const key in value) if (hasBigInt((value as Record<string, unknown>)[key])) return true;
  return false;
};

const mapLeaves = (value: unknown, change: (leaf: unknown) => unknown): unknown => {
  if (typeof value !== 'object' || value === null) return change(value);
  if (types.isUint8Array(value)) return value;
  if (Array.isArray(value)) return value.map((item) => mapLeaves(item, change));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapLeaves(inner, change)]));
};
