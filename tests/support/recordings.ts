import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createGunzip } from 'node:zlib';

const folder = fileURLToPath(new URL('../../../shared/data/recorded/', import.meta.url));

/** A real recording beside the checkout; undefined if there is none. */
export const recordedFile = (name: string): string | undefined =>
  existsSync(folder + name) ? folder + name : undefined;

/** The lines of a file, unpacked if its name ends in .gz. */
export const readLines = async function* (file: string): AsyncGenerator<string> {
  const bytes = createReadStream(file);
  const input = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) yield line;
};
