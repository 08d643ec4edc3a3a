import { SnapshotRefused } from './errors.js';

/** Arrays in snapshots are base64 of little-endian IEEE 754 doubles: bit-exact, and about half the size of digits. */
export const encodeFloats = (values: Float64Array): string => {
  const bytes = new Uint8Array(values.length * 8);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) view.setFloat64(i * 8, values[i] as number, true);
  return encodeBytes(bytes);
};

/** @throws SnapshotRefused when the text does not hold exactly as many numbers as `into` has room for, all finite. */
export const decodeFloats = (text: unknown, into: Float64Array, what: string): void => {
  const bytes = decodeBytes(text, into.length * 8, what);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < into.length; i++) {
    const value = view.getFloat64(i * 8, true);
    // One NaN would spread through every sum and never leave.
    if (!Number.isFinite(value)) throw malformed(`${what}: not a finite number at ${i}`);
    into[i] = value;
  }
};

/** Looked up once: a sandbox makes each look-up slow. */
const { fromCharCode } = String;

export const encodeBytes = (bytes: Uint8Array): string => {
  let binary = '';
  for (const byte of bytes) binary += fromCharCode(byte);
  return btoa(binary);
};

/** @throws SnapshotRefused when the text does not hold exactly `length` bytes. */
export const decodeBytes = (text: unknown, length: number, what: string): Uint8Array => {
  const binary = typeof text === 'string' ? decodeBase64(text) : undefined;
  if (binary === undefined || binary.length !== length) {
    throw malformed(`${what}: expected base64 of ${length} bytes`);
  }
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
};

/** @throws SnapshotRefused unless it is an object (null and arrays are not). */
export const readRecord = (value: unknown, what: string): Readonly<Record<string, unknown>> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed(`${what}: expected an object`);
  }
  return value as Record<string, unknown>;
};

/** @throws SnapshotRefused unless it is an array of that length. */
export const readArray = (value: unknown, length: number, what: string): readonly unknown[] => {
  if (!Array.isArray(value) || value.length !== length) throw malformed(`${what}: expected ${length} entries`);
  return value;
};

/** @throws SnapshotRefused unless it is a finite number. */
export const readNumber = (value: unknown, what: string): number => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw malformed(`${what}: expected a number`);
  return value;
};

/** @throws SnapshotRefused unless it is an integer of at least zero. */
export const readCount = (value: unknown, what: string): number => {
  const count = readNumber(value, what);
  if (!Number.isSafeInteger(count) || count < 0) throw malformed(`${what}: expected a count, got ${count}`);
  return count;
};

/** @throws SnapshotRefused unless it is a finite number or null, which stands for `undefined`. */
export const readOptionalNumber = (value: unknown, what: string): number | undefined =>
  value === null ? undefined : readNumber(value, what);

/** @throws SnapshotRefused when the version is not one of those this code reads. */
export const readVersion = (version: unknown, known: readonly number[]): number => {
  const found = known.find((each) => each === version);
  if (found === undefined) {
    throw new SnapshotRefused(
      'snapshot-version',
      `snapshot version ${JSON.stringify(version)} is unknown; this build reads version ${known.join(' and ')}`,
    );
  }
  return found;
};

const malformed = (detail: string): SnapshotRefused =>
  new SnapshotRefused('snapshot-malformed', `malformed snapshot: ${detail}`);

const decodeBase64 = (text: string): string | undefined => {
  try {
    return atob(text);
  } catch {
    return undefined;
  }
};
