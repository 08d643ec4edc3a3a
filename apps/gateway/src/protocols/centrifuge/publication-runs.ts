import type { Publication } from '@tickwire/hub';

const runLength = 64;

/**
 * The bytes of many publications in parts, one after another. Whole runs of 64 that begin at a multiple of 64 are put
 * together once and shared, so that clients that reconnect together, each from its own position, share nearly all.
 */
export const createPublicationRuns = (
  encodeRun: (publications: readonly Publication[]) => Uint8Array,
): ((publications: readonly Publication[]) => Uint8Array[]) => {
  /** By the first publication of the run. */
  const runs = new WeakMap<Publication, Uint8Array>();

  return (publications) => {
    const parts: Uint8Array[] = [];
    let at = 0;
    while (at < publications.length) {
      const first = publications[at];
      if (first !== undefined && beginsRun(publications, at)) {
        const bytes = runs.get(first) ?? encodeRun(publications.slice(at, at + runLength));
        runs.set(first, bytes);
        parts.push(bytes);
        at += runLength;
      } else {
        const from = at;
        do at += 1;
        while (at < publications.length && !beginsRun(publications, at));
        parts.push(encodeRun(publications.slice(from, at)));
      }
    }
    return parts;
  };
};

/** Publications of one channel and epoch without a hole are the same wherever they came from. */
const beginsRun = (publications: readonly Publication[], at: number): boolean => {
  const first = publications[at]?.position;
  if (first === undefined || first.seq % runLength !== 0) return false;
  const last = publications[at + runLength - 1]?.position;
  return last?.epoch === first.epoch && last.seq === first.seq + runLength - 1;
};
