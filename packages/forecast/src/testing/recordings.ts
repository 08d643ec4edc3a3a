import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/**
 * Reads an unpacked recording beside the repository. Recordings are other people's data and not part of the repository.
 * If there is none, a notice is printed and the caller uses generated data, or checks nothing.
 */
export const readRecording = (path: string): string | undefined => {
  const file = new URL(`../../../../../shared/data/${path}`, import.meta.url);
  if (!existsSync(file)) {
    process.stderr.write(`NOTICE: no recording ${path} beside the repository\n`);
    return undefined;
  }
  return gunzipSync(readFileSync(file)).toString('utf8');
};

/** Rows of a CSV without its header. */
export const csvRows = (csv: string): string[][] =>
  csv
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
