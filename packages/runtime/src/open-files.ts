import { readFileSync } from 'node:fs';

/** Node reads the files of a program many at a time. */
const minOpenFiles = 256;

/** The number of descriptors this process may have, if `/proc` shows it. Node has already raised the soft limit. */
export const readOpenFileLimit = (): number | undefined => {
  try {
    const limit = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
    return limit === undefined ? undefined : Number(limit);
  } catch {
    return undefined;
  }
};

/** Why a process with this limit cannot start, as a sentence; undefined if it can. */
export const tooFewOpenFiles = (limit: number | undefined): string | undefined =>
  limit === undefined || limit >= minOpenFiles
    ? undefined
    : `the system allows ${limit} open files (ulimit -n), but ${minOpenFiles} are needed at least`;

/**
 * Ends the process if it may not open enough files. A `main.ts` calls this before it imports anything else: with too
 * few, the import itself fails, in words of Node's own that no code of ours can replace.
 */
export const requireOpenFiles = (): void => {
  const reason = tooFewOpenFiles(readOpenFileLimit());
  if (reason === undefined) return;
  process.stderr.write(`${reason}\n`);
  process.exit(1);
};
