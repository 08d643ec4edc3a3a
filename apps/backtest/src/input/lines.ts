import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { BacktestError, messageOf } from '../errors.js';

export interface Line {
  readonly text: string;
  /** From 1, as editors count. */
  readonly number: number;
}

export interface LineReader {
  lines(): AsyncIterable<Line>;
  /** Share of the file read so far, 0 to 1. */
  progress(): number;
}

const maxLineLength = 10_000_000;

/**
 * Lines of a file, unpacked where its first two bytes say gzip, in memory bounded by one line.
 * @throws BacktestError from the iteration: no such file, or one that breaks off.
 */
export const createLineReader = (path: string): LineReader => {
  let bytesRead = 0;
  let bytesTotal = 0;

  const read = async function* (): AsyncGenerator<Line> {
    bytesTotal = (await stat(path)).size;
    const packed = await isGzip(path);
    const file = createReadStream(path);
    file.on('data', (chunk) => {
      bytesRead += chunk.length;
    });
    // pipeline, so that an error of the file ends the unpacked stream too; it comes out of the iteration below.
    const input = packed ? pipeline(file, createGunzip(), () => {}) : file;
    input.setEncoding('utf8');
    let number = 0;
    let rest = '';
    for await (const chunk of input) {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      if (rest.length > maxLineLength) throw new BacktestError('input', `${path} line ${number + 1} never ends`);
      for (const text of parts) yield { text: text.replace(/\r$/, ''), number: ++number };
    }
    if (rest !== '') yield { text: rest, number: ++number };
  };

  return {
    lines: async function* () {
      try {
        yield* read();
      } catch (error) {
        if (error instanceof BacktestError) throw error;
        throw new BacktestError('input', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
      }
    },
    progress: () => (bytesTotal === 0 ? 0 : bytesRead / bytesTotal),
  };
};

const isGzip = async (path: string): Promise<boolean> => {
  for await (const chunk of createReadStream(path, { end: 1 })) {
    const bytes = chunk as Buffer;
    return bytes[0] === 0x1f && bytes[1] === 0x8b;
  }
  return false;
};
