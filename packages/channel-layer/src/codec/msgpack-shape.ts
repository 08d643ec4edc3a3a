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

/**
 * Rejects payloads that declare more than their bytes can hold, or are nested deeper than any message. Decoders
 * allocate what is declared, and a few bytes may declare gigabytes. This check allocates nothing; the decoder checks
 * the rest. Returns the number of keys and values.
 */
export const assertShape = (bytes: Uint8Array): number => {
  const { length } = bytes;
  let values = 1;
  let at = 0;
  let depth = 0;
  left[0] = 1;
  for (;;) {
    while (left[depth] === 0) {
      if (depth === 0) return values;
      depth -= 1;
    }
    left[depth] = (left[depth] as number) - 1;
    if (at >= length) throw new RangeError('it ends too early');
    const first = bytes[at] as number;
    at += 1;
    let inside = 0;
    if (first < 0x80 || first >= 0xe0) continue;
    if (first < 0x90) inside = (first & 0x0f) * 2;
    else if (first < 0xa0) inside = first & 0x0f;
    else if (first < 0xc0) {
      at += first & 0x1f;
      continue;
    } else {
      let declared = 0;
      for (let more = lengthBytes[first - 0xc0] as number; more > 0; more -= 1) {
        declared = declared * 256 + (bytes[at] ?? 0);
        at += 1;
      }
      if (first < 0xdc) {
        at += declared + (plainBytes[first - 0xc0] as number);
        continue;
      }
      inside = first < 0xde ? declared : declared * 2;
    }
    if (inside > length - at) throw new RangeError(`it declares ${inside} values in ${length - at} bytes`);
    values += inside;
    depth += 1;
    if (depth > maxDepth) throw new RangeError(`it is nested more than ${maxDepth} deep`);
    left[depth] = inside;
  }
};
