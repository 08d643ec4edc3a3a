import { createReadStream } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { pipeline, type Readable, Writable } from 'node:stream';
import { pipeline as finished } from 'node:stream/promises';
import { TextDecoder } from 'node:util';
import { constants, createGunzip } from 'node:zlib';
import type { Entry } from 'yauzl';
import { MarketError, messageOf, shownText } from '../errors.js';

const chunkBytes = 65_536;

export interface ReadTextOptions {
  /** Called with the share of the file read so far, 0 to 1. */
  readonly onRead?: (share: number) => void;
  /** Called if the end of a gzip file is missing. */
  readonly onCut?: () => void;
}

/**
 * The text of a file in pieces, unpacked if its first bytes are those of gzip or zip. The next piece is read on demand;
 * leaving the loop closes the file. A truncated gzip file, as a killed recorder leaves it, gives all it has.
 * @throws MarketError `unreadable-file`
 */
export async function* readText(file: string, options: ReadTextOptions = {}): AsyncGenerator<string, void> {
  const { onRead = () => {}, onCut } = options;
  try {
    // Opening a pipe waits for its writer, a device may never end, and both can be read only once.
    const found = await stat(file);
    if (!found.isFile())
      throw new MarketError(
        'unreadable-file',
        `${file} is ${found.isDirectory() ? 'a folder' : 'a pipe or a device'}: a file is needed`,
      );
    const handle = await open(file, 'r');
    const packing = await packingOf(file, handle);
    if (packing === 'zip') {
      await handle.close();
      yield* unzipped(file, onRead);
      return;
    }
    const { size } = await handle.stat();
    const bytes = handle.createReadStream({ start: 0, highWaterMark: chunkBytes });
    const decode = createDecoder();
    let unpackedBytes = 0;
    for await (const piece of packing === 'gzip' ? unpacked(bytes) : bytes) {
      unpackedBytes += (piece as Buffer).length;
      onRead(size === 0 ? 1 : bytes.bytesRead / size);
      yield decode(piece as Buffer);
    }
    if (packing === 'gzip' && onCut && (await isCut(file, size, unpackedBytes))) onCut();
  } catch (cause) {
    if (cause instanceof MarketError) throw cause;
    const isPacking = String((cause as NodeJS.ErrnoException).code).startsWith('Z_');
    const what = isPacking ? 'is damaged, or goes on behind its packed part' : 'cannot be read';
    throw new MarketError('unreadable-file', `${file} ${what}: ${messageOf(cause)}`, { cause });
  }
}

type Packing = 'none' | 'gzip' | 'zip';

/** The first bytes, in Latin-1, of files that people have besides text and cannot be read. */
const foreign: readonly (readonly [start: string, kind: string])[] = [
  ['\x28\xb5\x2f\xfd', 'zstd'],
  ['\xfd7zXZ\x00', 'xz'],
  ['BZh91AY', 'bzip2'],
  ['7z\xbc\xaf\x27\x1c', '7-Zip'],
  ['PAR1', 'Parquet'],
  ['ARROW1', 'Arrow'],
  ['\x89HDF', 'HDF5'],
  ['SQLite format 3', 'SQLite'],
];

const packingOf = async (file: string, handle: FileHandle): Promise<Packing> => {
  try {
    const { buffer } = await handle.read(Buffer.alloc(16), 0, 16, 0);
    const start = buffer.toString('latin1');
    if (start.startsWith('\x1f\x8b')) return 'gzip';
    // PK, then the first entry, or the end of an empty archive.
    if (start.startsWith('PK\x03\x04') || start.startsWith('PK\x05\x06')) return 'zip';
    const kind = foreign.find(([first]) => start.startsWith(first))?.[1];
    if (kind === undefined) return 'none';
    throw new MarketError('unreadable-file', `${file} is a file of ${kind}: convert it to CSV or unpack it first`);
  } catch (error) {
    await handle.close();
    throw error;
  }
};

const unpacked = (bytes: Readable): Readable => {
  // Z_SYNC_FLUSH: without it a file cut off in the middle is an error that takes the last chunk with it.
  const gunzip = createGunzip({ chunkSize: chunkBytes, finishFlush: constants.Z_SYNC_FLUSH });
  // Errors surface in the loop over gunzip; pipeline also closes the file when that loop is left.
  pipeline(bytes, gunzip, () => {});
  return gunzip;
};

/** Decodes the pieces of a file. The first one shows the encoding. */
const createDecoder = (): ((piece: Buffer) => string) => {
  let decoder: TextDecoder | undefined;
  return (piece) => {
    decoder ??= new TextDecoder(encodingOf(piece));
    return decoder.decode(piece, { stream: true });
  };
};

/** UTF-16 begins with its mark, or with a zero byte beside an ASCII character. */
const encodingOf = ([first, second]: Buffer): string => {
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return 'utf-16le';
  return (first === 0xfe && second === 0xff) || (first === 0 && second !== 0) ? 'utf-16be' : 'utf-8';
};

/**
 * A gzip file ends with the length of its content. If that does not match, it may be cut off, have several parts, or
 * not be text: then it is unpacked once more, to its end.
 */
const isCut = async (file: string, size: number, unpackedBytes: number): Promise<boolean> => {
  const handle = await open(file, 'r');
  const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, Math.max(0, size - 4)).finally(() => handle.close());
  if (buffer.readUInt32LE(0) === unpackedBytes % 2 ** 32) return false;
  try {
    await finished(
      createReadStream(file),
      createGunzip(),
      new Writable({ write: (_bytes, _encoding, done) => done() }),
    );
    return false;
  } catch {
    return true;
  }
};

/** The single file of an archive; files that macOS adds are ignored. */
async function* unzipped(file: string, onRead: (share: number) => void): AsyncGenerator<string, void> {
  const { default: yauzl } = await import('yauzl');
  const archive = await yauzl.openPromise(file, { lazyEntries: true, autoClose: false });
  try {
    const entries: Entry[] = [];
    for await (const entry of archive.eachEntry()) {
      if (!/\/$|^__MACOSX\/|(^|\/)\.DS_Store$/.test(entry.fileName)) entries.push(entry);
    }
    if (entries.some(({ fileName }) => fileName === '[Content_Types].xml'))
      throw new MarketError('unreadable-file', `${file} is a workbook: save it as CSV first`);
    const [entry] = entries;
    if (!entry || entries.length > 1) {
      const names = entries.slice(0, 3).map(({ fileName }) => shownText(fileName));
      const what = entry ? `${entries.length} files (${names.join(', ')} …)` : 'no file';
      throw new MarketError('unreadable-file', `${file} holds ${what}: an archive with one file can be read`);
    }
    const decode = createDecoder();
    let length = 0;
    for await (const piece of await archive.openReadStreamPromise(entry)) {
      length += (piece as Buffer).length;
      onRead(Math.min(1, length / entry.uncompressedSize));
      yield decode(piece as Buffer);
    }
  } finally {
    archive.close();
  }
}
