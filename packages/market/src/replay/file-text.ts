import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { pipeline, type Readable, Writable } from 'node:stream';
import { pipeline as finished } from 'node:stream/promises';
import { constants, createGunzip } from 'node:zlib';
import yauzl, { type Entry } from 'yauzl';
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
    const handle = await open(file, 'r');
    const packing = await packingOf(handle);
    if (packing === 'zip') {
      await handle.close();
      yield* unzipped(file, onRead);
      return;
    }
    const { size } = await handle.stat();
    const bytes = handle.createReadStream({ start: 0, highWaterMark: chunkBytes });
    let unpackedBytes = 0;
    for await (const text of textOf(bytes, packing)) {
      unpackedBytes += Buffer.byteLength(text as string);
      onRead(size === 0 ? 1 : bytes.bytesRead / size);
      yield text as string;
    }
    if (packing === 'gzip' && onCut && (await isCut(file, size, unpackedBytes))) onCut();
  } catch (cause) {
    if (cause instanceof MarketError) throw cause;
    throw new MarketError('unreadable-file', `${file} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

type Packing = 'none' | 'gzip' | 'zip' | 'utf16';

const packingOf = async (handle: FileHandle): Promise<Packing> => {
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    if (buffer[0] === 0x1f && buffer[1] === 0x8b) return 'gzip';
    // PK, then the first entry, or the end of an empty archive.
    if (buffer.readUInt16BE(0) === 0x504b && [0x0304, 0x0506].includes(buffer.readUInt16BE(2))) return 'zip';
    return buffer.readUInt16LE(0) === 0xfeff ? 'utf16' : 'none';
  } catch (error) {
    await handle.close(); // a directory opens but cannot be read
    throw error;
  }
};

const textOf = (bytes: Readable, packing: Packing): Readable => {
  if (packing !== 'gzip') return bytes.setEncoding(packing === 'utf16' ? 'utf16le' : 'utf8');
  // Z_SYNC_FLUSH: without it a file cut off in the middle is an error that takes the last chunk with it.
  const gunzip = createGunzip({ chunkSize: chunkBytes, finishFlush: constants.Z_SYNC_FLUSH });
  // Errors surface in the loop over gunzip; pipeline also closes the file when that loop is left.
  pipeline(bytes, gunzip, () => {});
  return gunzip.setEncoding('utf8');
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
  const archive = await yauzl.openPromise(file, { lazyEntries: true, autoClose: false });
  try {
    const entries: Entry[] = [];
    for await (const entry of archive.eachEntry()) {
      if (!/\/$|^__MACOSX\/|(^|\/)\.DS_Store$/.test(entry.fileName)) entries.push(entry);
    }
    const [entry] = entries;
    if (!entry || entries.length > 1) {
      const names = entries.slice(0, 3).map(({ fileName }) => shownText(fileName));
      const what = entry ? `${entries.length} files (${names.join(', ')} …)` : 'no file';
      throw new MarketError('unreadable-file', `${file} holds ${what}: an archive with one file can be read`);
    }
    let length = 0;
    for await (const text of (await archive.openReadStreamPromise(entry)).setEncoding('utf8')) {
      length += (text as string).length;
      onRead(Math.min(1, length / entry.uncompressedSize));
      yield text as string;
    }
  } finally {
    archive.close();
  }
}
