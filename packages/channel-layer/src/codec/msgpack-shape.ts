import { isUtf8 } from 'node:buffer';

/** The depth limit of the encoder. */
const maxDepth = 100;

/** By first byte from 0xc0 on: how many bytes of length follow, and how many further bytes without a length. */
const lengthBytes = new Uint8Array(0x20);
const plainBytes = new Uint8Array(0x20);
for (const [first, size] of [
  ...([
    [0xc4, 1],
    [0xc5, 2],
    [0xc6, 4],
    [0xc7, 1],
    [0xc8, 2],
    [0xc9, 4],
  ] as const),
  ...([
    [0xd9, 1],
    [0xda, 2],
    [0xdb, 4],
    [0xdc, 2],
    [0xdd, 4],
    [0xde, 2],
    [0xdf, 4],
  ] as const),
]) {
  lengthBytes[first - 0xc0] = size;
}
for (const [first, size] of [
  ...([
    [0xc7, 1],
    [0xc8, 1],
    [0xc9, 1],
    [0xca, 4],
    [0xcb, 8],
    [0xcc, 1],
    [0xcd, 2],
    [0xce, 4],
    [0xcf, 8],
  ] as const),
  ...([
    [0xd0, 1],
    [0xd1, 2],
    [0xd2, 4],
    [0xd3, 8],
    [0xd4, 2],
    [0xd5, 3],
    [0xd6, 5],
    [0xd7, 9],
    [0xd8, 17],
  ] as const),
]) {
  plainBytes[first - 0xc0] = size;
}

/** Values still to come at each depth. Shared by all calls, because none of them awaits anything. */
const left = new Uint32Array(maxDepth + 1);

/** What the bytes of a payload hold. */
export interface Shape {
  /** Keys and values. */
  readonly values: number;
  readonly maps: number;
  /** Some integer may be beyond +-2^53. */
  readonly mayRound: boolean;
}

/** A call costs more than looking at a few bytes. */
const shortBytes = 48;

const assertUtf8 = (bytes: Uint8Array, from: number, to: number): void => {
  let at = from;
  if (to - from <= shortBytes) while (at < to && (bytes[at] as number) < 0x80) at += 1;
  if (at < to && !isUtf8(bytes.subarray(from, to))) throw new Error('a string is not UTF-8');
};

/** Whether the 64-bit integer there may be one that a number cannot hold. */
const mayRoundAt = (bytes: Uint8Array, at: number, isSigned: boolean): boolean => {
  const first = bytes[at] as number;
  const second = bytes[at + 1] as number;
  return isSigned && first >= 0x80 ? first !== 0xff || second < 0xe1 : first !== 0 || second >= 0x20;
};

/**
 * Rejects payloads that declare more than their bytes can hold, or are nested deeper than any message. Decoders
 * allocate what is declared, and a few bytes may declare gigabytes. Rejects text that is not UTF-8, which decoders
 * replace and Python rejects. The decoder checks the rest.
 */
export const assertShape = (bytes: Uint8Array): Shape => {
  const { length } = bytes;
  let values = 1;
  let maps = 0;
  let mayRound = false;
  let at = 0;
  let depth = 0;
  left[0] = 1;
  for (;;) {
    while (left[depth] === 0) {
      if (depth === 0) return { values, maps, mayRound };
      depth -= 1;
    }
    left[depth] = (left[depth] as number) - 1;
    if (at >= length) throw new RangeError('it ends too early');
    const first = bytes[at] as number;
    at += 1;
    let inside = 0;
    if (first < 0x80 || first >= 0xe0) continue;
    if (first < 0x90) {
      inside = (first & 0x0f) * 2;
      maps += 1;
    } else if (first < 0xa0) inside = first & 0x0f;
    else if (first < 0xc0) {
      at += first & 0x1f;
      if (at <= length) assertUtf8(bytes, at - (first & 0x1f), at);
      continue;
    } else {
      let declared = 0;
      for (let more = lengthBytes[first - 0xc0] as number; more > 0; more -= 1) {
        declared = declared * 256 + (bytes[at] ?? 0);
        at += 1;
      }
      if (first < 0xdc) {
        const from = at;
        at += declared + (plainBytes[first - 0xc0] as number);
        if (at > length) continue;
        if (first >= 0xd9) assertUtf8(bytes, from, at);
        else if (first === 0xcf || first === 0xd3) mayRound ||= mayRoundAt(bytes, from, first === 0xd3);
        continue;
      }
      inside = first < 0xde ? declared : declared * 2;
      if (first >= 0xde) maps += 1;
    }
    if (inside > length - at) throw new RangeError(`it declares ${inside} values in ${length - at} bytes`);
    values += inside;
    depth += 1;
    if (depth > maxDepth) throw new RangeError(`it is nested more than ${maxDepth} deep`);
    left[depth] = inside;
  }
};
