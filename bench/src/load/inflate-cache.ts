import { constants, inflateRawSync } from 'node:zlib';

/** A power of two, larger than the number of frames by which clients of one server can differ. */
const slots = 8_192;
/** What the sender dropped from the end of a sync flush (RFC 7692, 7.2.2). */
const tail = Buffer.from([0x00, 0x00, 0xff, 0xff]);

interface Entry {
  readonly compressed: Uint8Array;
  readonly text: Uint8Array;
}

/**
 * Inflates shared frames once: a server that deflates a message for everybody sends everybody the same bytes, and a
 * generator that inflated them for each client would measure itself. Bounded: a frame takes the slot of another.
 */
export interface InflateCache {
  inflate(buffer: Uint8Array, start: number, end: number): Uint8Array;
  /** Frames that had to be inflated. */
  readonly misses: number;
}

export const createInflateCache = (): InflateCache => {
  const entries: (Entry | undefined)[] = new Array<Entry | undefined>(slots).fill(undefined);
  let misses = 0;
  return {
    get misses() {
      return misses;
    },
    inflate(buffer, start, end) {
      const slot = hashOf(buffer, start, end) & (slots - 1);
      const known = entries[slot];
      if (known !== undefined && isSame(known.compressed, buffer, start, end)) return known.text;
      misses += 1;
      const compressed = Uint8Array.prototype.slice.call(buffer, start, end);
      const text = inflateRawSync(Buffer.concat([compressed, tail]), { finishFlush: constants.Z_SYNC_FLUSH });
      entries[slot] = { compressed, text };
      return text;
    },
  };
};

/** The second half of a tick is where ticks differ, and so the end of what it was deflated to. */
const hashOf = (buffer: Uint8Array, start: number, end: number): number => {
  let hash = end - start;
  for (let at = Math.max(start, end - 48); at < end; at += 1) hash = (Math.imul(hash, 31) + (buffer[at] as number)) | 0;
  return hash ^ (hash >>> 15);
};

const isSame = (known: Uint8Array, buffer: Uint8Array, start: number, end: number): boolean => {
  if (known.length !== end - start) return false;
  for (let at = 0; at < known.length; at += 1) if (known[at] !== buffer[start + at]) return false;
  return true;
};
