import { isUtf8 } from 'node:buffer';
import { types } from 'node:util';
import { Decoder, Encoder, type ExtensionCodecType } from '@msgpack/msgpack';
import type { Serializer } from './codec.js';

/**
 * msgpack as Python's `packb` and `unpackb` write and read it with their defaults, byte for byte; the exception is a
 * whole float: JavaScript has one number type, so `1.0` travels as the integer 1.
 *
 * Integers outside +-2^53 arrive as bigint, all others as number. Refused on reading: bytes left over, extension types,
 * text that is not UTF-8, map keys that are no strings.
 */
export const createMsgpackSerializer = (): Serializer => {
  const reading = { extensionCodec: noExtensions, mapKeyConverter: onlyStrings };
  const encoder = new Encoder({ extensionCodec: noExtensions });
  const bigEncoder = new Encoder({ extensionCodec: noExtensions, useBigInt64: true });
  const decoder = new Decoder(reading);
  const bigDecoder = new Decoder({ ...reading, useBigInt64: true });
  const rawDecoder = new Decoder({ ...reading, rawStrings: true });

  return {
    encode: (message) =>
      someLeaf(message, isBigInt) ? bigEncoder.encode(mapLeaves(message, toShortestForm)) : encoder.encode(message),
    decode(bytes) {
      const value = decoder.decode(bytes);
      if (someLeaf(value, isNonAscii)) assertUtf8(value, rawDecoder.decode(bytes));
      return someLeaf(value, isRounded) ? mapLeaves(bigDecoder.decode(bytes), toNumber) : value;
    },
  };
};

/** Without it a Date would be encoded, and a timestamp decoded, as an extension that few readers know. */
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

/** The plain decoder rounds 64-bit integers beyond 2^53. */
const isRounded = (leaf: unknown): boolean => Number.isInteger(leaf) && !Number.isSafeInteger(leaf);

/** With `useBigInt64` the encoder writes every bigint in 8 bytes, and a number beyond 32 bits as a float. */
const toShortestForm = (leaf: unknown): unknown => {
  if (isBigInt(leaf)) return fits32Bits(leaf) ? Number(leaf) : leaf;
  return typeof leaf === 'number' && Number.isSafeInteger(leaf) && !fits32Bits(leaf) ? BigInt(leaf) : leaf;
};

const toNumber = (leaf: unknown): unknown =>
  isBigInt(leaf) && Number.isSafeInteger(Number(leaf)) ? Number(leaf) : leaf;

const fits32Bits = (value: number | bigint): boolean => value >= -0x8000_0000 && value <= 0xffff_ffff;

const isNonAscii = (leaf: unknown): boolean => {
  if (typeof leaf !== 'string') return false;
  for (let index = 0; index < leaf.length; index += 1) if (leaf.charCodeAt(index) > 0x7f) return true;
  return false;
};

/** The decoder turns bad UTF-8 into other letters where Python refuses it, so the raw strings are looked at again. */
const assertUtf8 = (value: unknown, raw: unknown): void => {
  if (typeof value === 'string') {
    if (types.isUint8Array(raw) && !isUtf8(raw)) throw new Error('a string is not UTF-8');
  } else if (typeof value === 'object' && value !== null && !types.isUint8Array(value)) {
    for (const [key, inner] of Object.entries(value)) assertUtf8(inner, (raw as Record<string, unknown>)[key]);
  }
};

const someLeaf = (value: unknown, isFound: (leaf: unknown) => boolean): boolean => {
  if (typeof value !== 'object' || value === null) return isFound(value);
  if (types.isUint8Array(value)) return false;
  // `for in` allocates nothing; decoded maps and checked messages have no inherited fields.
  for (const key in value) if (someLeaf((value as Record<string, unknown>)[key], isFound)) return true;
  return false;
};

const mapLeaves = (value: unknown, change: (leaf: unknown) => unknown): unknown => {
  if (typeof value !== 'object' || value === null) return change(value);
  if (types.isUint8Array(value)) return value;
  if (Array.isArray(value)) return value.map((item) => mapLeaves(item, change));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapLeaves(inner, change)]));
};
