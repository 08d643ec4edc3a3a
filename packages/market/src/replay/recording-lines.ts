import { type FileHandle, open } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { constants, createGunzip } from 'node:zlib';
import { MarketError } from '../errors.js';

/** Lines of a file in order, as many as one read gave. Without their line ends. */
export interface LineBatch {
  /** Number of the first line, from 1. */
  readonly firstNumber: number;
  /** `null` stands for a line longer than `maxLineLength`, which was passed over. */
  readonly lines: readonly (string | null)[];
}

/** A REST snapshot of 5,000 levels a side is about 0.4 million characters. */
const defaultMaxLineLength = 4_000_000;
const chunkBytes = 65_536;

/**
 * Reads a text file, gzipped or not (told by its first bytes), a chunk at a time: the next chunk is read when the next
 * batch is asked for, so memory is a few chunks and the longest line. A gzip file that was cut off, as a recorder that
 * was killed leaves it, gives what it holds. Leaving the loop closes the file.
 * @throws MarketError `unreadable-file`
 */
export async function* readLines(file: string, maxLineLength = defaultMaxLineLength): AsyncGenerator<LineBatch, void> {
  const splitter = createSplitter(maxLineLength);
  try {
    const handle = await open(file, 'r');
    for await (const text of textOf(handle, await isGzip(handle))) {
      const batch = splitter.push(text);
      if (batch.lines.length > 0) yield batch;
    }
  } catch (cause) {
    throw new MarketError('unreadable-file', `cannot read ${file}: ${messageOf(cause)}`, { cause });
  }
  const last = splitter.end();
  if (last.lines.length > 0) yield last;
}

const isGzip = async (handle: FileHandle): Promise<boolean> => {
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } catch (error) {
    await handle.close(); // a directory opens but cannot be read
    throw error;
  }
};

const textOf = (handle: FileHandle, gzipped: boolean): AsyncIterable<string> => {
  const bytes = handle.createReadStream({ start: 0, highWaterMark: chunkBytes });
  if (!gzipped) return bytes.setEncoding('utf8');
  // Z_SYNC_FLUSH: without it a file cut off in the middle is an error that takes the last chunk with it.
  const gunzip = createGunzip({ chunkSize: chunkBytes, finishFlush: constants.Z_SYNC_FLUSH });
  // Errors surface in the loop over gunzip; pipeline also closes the file when that loop is left.
  pipeline(bytes, gunzip, () => {});
  return gunzip.setEncoding('utf8');
};

const createSplitter = (maxLineLength: number) => {
  let rest = '';
  let overlong = false;
  let next = 1;

  const batch = (lines: (string | null)[]): LineBatch => {
    const firstNumber = next;
    next += lines.length;
    return { firstNumber, lines };
  };

  const complete = (line: string): string | null => {
    const isTooLong = overlong || line.length > maxLineLength;
    overlong = false;
    return isTooLong ? null : line.endsWith('\r') ? line.slice(0, -1) : line;
  };

  return {
    push: (text: string): LineBatch => {
      const lines: (string | null)[] = [];
      let from = 0;
      for (let to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
        lines.push(complete(rest + text.slice(from, to)));
        rest = '';
        from = to + 1;
      }
      rest += text.slice(from);
      if (rest.length > maxLineLength) {
        overlong = true;
        rest = '';
      }
      return batch(lines);
    },
    end: (): LineBatch => batch(rest === '' && !overlong ? [] : [complete(rest)]),
  };
};

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
