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

  return {
    toJson,
    encode: (message) =>
      hasBigInt(message) ? bigEncoder.encode(mapLeaves(message, toShortestForm)) : encoder.encode(message),
    isBeyond(bytes, { maxValues, maxMaps }) {
      const { values, maps } = assertShape(bytes);
      return values > maxValues || maps > maxMaps;
    },
    // Decoded once: a second time to look for what the first got wrong would hold up all others for as long again.
    decode: (bytes) => (assertShape(bytes).mayRound ? withNumbers(bigDecoder.decode(bytes)) : decoder.decode(bytes)),
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

/** In place: the value was decoded for this. */
const withNumbers = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return toNumber(value);
  if (types.isUint8Array(value)) return value;
  const fields = value as Record<string, unknown>;
  for (const key in fields) {
    const inner = fields[key];
    if (typeof inner === 'bigint' || typeof inner === 'object') fields[key] = withNumbers(inner);
  }
  return value;
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
