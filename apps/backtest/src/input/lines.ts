import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { BacktestError } from '../errors.js';

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
    // pipeline, so that an error of the file ends the unpacked stream too; the error itself comes out of the iteration.
    const input = packed ? pipeline(file, createGunzip(), () => {}) : file;
    let broken: unknown;
    input.once('error', (error) => {
      broken = error;
    });
    let number = 0;
    for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      number++;
      yield { text, number };
    }
    // readline ends quietly where its input breaks off.
    if (broken !== undefined) throw broken;
  };

  return {
    lines: async function* () {
      try {
        yield* read();
      } catch (error) {
        if (error instanceof BacktestError) throw error;
        const reason = error instanceof Error ? error.message : String(error);
        throw new BacktestError('input', `${path} cannot be read: ${reason}`, { cause: error });
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
