import type { Publication } from '@tickwire/hub';

const runLength = 64;

/**
 * The bytes of many publications in parts, in order. Runs of 64 that begin at a multiple of 64, and the rest before and
 * after them, are joined once and shared. So clients that reconnect together share nearly everything, and those with
 * the same position share all of it.
 */
export const createPublicationRuns = (
  encodeRun: (publications: readonly Publication[]) => Uint8Array,
): ((publications: readonly Publication[]) => Uint8Array[]) => {
  /** By the first publication of the run and its length, which is at most 64. */
  const runs = new WeakMap<Publication, Map<number, Uint8Array>>();

  const shared = (run: readonly Publication[]): Uint8Array => {
    const [first] = run;
    if (first === undefined || !isRun(run)) return encodeRun(run);
    const known = runs.get(first) ?? new Map<number, Uint8Array>();
    runs.set(first, known);
    const bytes = known.get(run.length) ?? encodeRun(run);
    known.set(run.length, bytes);
    return bytes;
  };

  return (publications) => {
    const parts: Uint8Array[] = [];
    for (let at = 0; at < publications.length; ) {
      // Up to the next multiple of 64, if there is no hole.
      const end = at + runLength - ((publications[at]?.position?.seq ?? 0) % runLength);
      parts.push(shared(publications.slice(at, end)));
      at = end;
    }
    return parts;
  };
};

/** Publications of one channel and epoch without a hole are the same, wherever they came from. */
const isRun = (publications: readonly Publication[]): boolean => {
  const [first, last] = [publications[0]?.position, publications.at(-1)?.position];
  if (first === undefined || last === undefined) return false;
  return last.epoch === first.epoch && last.seq === first.seq + publications.length - 1;
};
