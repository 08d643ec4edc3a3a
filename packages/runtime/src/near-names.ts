/** In names up to this length one typo may make another word. */
const shortLength = 7;

/** Variables of OpenSSL, which many machines set. */
const ofOthers: readonly string[] = ['SSL_CERT_FILE', 'SSL_CERT_DIR'];

/**
 * Returns the known name of which the given one may be a typo, as `REDIS_URI` of `REDIS_URL`; undefined if there is
 * none. Upper and lower case make no difference.
 */
export const nearName = (given: string, known: readonly string[]): string | undefined => {
  const name = given.toUpperCase();
  if (ofOthers.includes(name)) return undefined;
  return known.find((each) => slips(name, each.toUpperCase()) <= (each.length <= shortLength ? 1 : 2));
};

/** Counts letters that are missing, added, changed, or swapped with the next (optimal string alignment). */
const slips = (a: string, b: string): number => {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      const changed = at(last, j - 1) + (isSame ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwapped ? at(before, j - 2) + 1 : changed;
      row.push(Math.min(changed, swapped, at(last, j) + 1, at(row, j - 1) + 1));
    }
    before = last;
    last = row;
  }
  return at(last, b.length);
};

const at = (row: readonly number[], index: number): number => row[index] ?? 0;
