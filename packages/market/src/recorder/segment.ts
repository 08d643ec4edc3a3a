import { existsSync } from 'node:fs';
import { mkdir, open, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { constants, crc32, deflateRaw } from 'node:zlib';

/** The file operations that a segment needs. */
export interface SegmentFile {
  write(bytes: Buffer, offset: number, length: number, position: number): Promise<{ readonly bytesWritten: number }>;
  truncate(length: number): Promise<void>;
  /** A deleted file has no links. */
  stat(): Promise<{ readonly nlink: number }>;
  close(): Promise<void>;
}

/** Creates a file that must not exist yet. */
export type CreateFile = (path: string) => Promise<SegmentFile>;

/** One gzipped file being written. */
export interface Segment {
  readonly path: string;
  /** Bytes on disk that can be read back. */
  readonly writtenBytes: number;
  /**
   * Resolves when the text can be read back, even if the process is killed. If it rejects, nothing of the text is in
   * the file. One call at a time.
   */
  append(text: string): Promise<void>;
  /** Whether the file was deleted, so that it cannot be read any more. A moved file is not deleted. */
  isDeleted(): Promise<boolean>;
  /** Closes the file; an empty one is deleted. */
  close(): Promise<void>;
}

const pack = promisify(deflateRaw);
/** Length of the dictionary. */
const windowBytes = 32_768;
/** Method deflate; name, time and system are unknown. */
const gzipHeader = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
/** An empty last block. */
const lastBlock = Buffer.from([0x03, 0x00]);

const createFile: CreateFile = (path) => open(path, 'wx');

/**
 * Every text is compressed by itself up to a byte boundary, with the last one as its dictionary. So it is known how
 * much of each text is on disk, and the file is still one gzip stream. Rejects if no file can be created.
 */
export const openSegment = async (file: string, nowMs: number, create: CreateFile = createFile): Promise<Segment> => {
  const path = freePath(file, nowMs);
  await makeFolder(dirname(path));
  const output = await create(path);
  let writtenBytes = 0;
  let checksum = 0;
  let unpackedBytes = 0;
  let dictionary: Buffer<ArrayBufferLike> = Buffer.alloc(0);

  const write = async (bytes: Buffer): Promise<void> => {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await output.write(bytes, done, bytes.length - done, writtenBytes + done);
      done += bytesWritten;
    }
    writtenBytes += bytes.length;
  };

  return {
    path,
    get writtenBytes() {
      return writtenBytes;
    },
    append: async (text) => {
      const bytes = Buffer.from(text);
      const packed = await pack(bytes, {
        finishFlush: constants.Z_SYNC_FLUSH,
        ...(dictionary.length > 0 && { dictionary }),
      });
      try {
        await write(writtenBytes === 0 ? Buffer.concat([gzipHeader, packed]) : packed);
      } catch (error) {
        // A half-written text would be there twice once it is in another file. If even truncating fails, nothing helps.
        await output.truncate(writtenBytes).catch(() => {});
        throw error;
      }
      checksum = crc32(bytes, checksum);
      unpackedBytes += bytes.length;
      dictionary = Buffer.concat([dictionary, bytes]).subarray(-windowBytes);
    },
    isDeleted: async () => {
      const { nlink } = await output.stat();
      return nlink === 0;
    },
    close: async () => {
      const end = Buffer.alloc(8);
      end.writeUInt32LE(checksum, 0);
      end.writeUInt32LE(unpackedBytes % 2 ** 32, 4);
      // A file without its end can still be read, so a full disk loses nothing more.
      if (writtenBytes > 0) await write(Buffer.concat([lastBlock, end])).catch(() => {});
      await output.close().catch(() => {});
      if (writtenBytes === 0) await unlink(path).catch(() => {});
    },
  };
};

/**
 * Makes a folder and those above it. Node's own `recursive` never returns where a file system has no folders to make,
 * such as `/proc`.
 */
export const makeFolder = async (folder: string, isAgain = false): Promise<void> => {
  try {
    await mkdir(folder);
  } catch (error) {
    const isThere = await stat(folder).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (isThere) return;
    if (isAgain || (error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(folder) === folder) throw error;
    await makeFolder(dirname(folder));
    await makeFolder(folder, true);
  }
};

/** `a/b.ws.gz` at noon becomes `a/b-20260131T120000000.ws.gz`, with a number appended if that exists. */
const freePath = (file: string, nowMs: number): string => {
  const time = new Date(nowMs).toISOString().replace(/[-:.Z]/g, '');
  const match = /^(.*?[^/\\.][^/\\.]*)((?:\.[^/\\]*)?)$/.exec(file);
  const [stem, ending] = match ? [match[1], match[2]] : [file, ''];
  for (let n = 1; ; n++) {
    const path = `${stem}-${time}${n === 1 ? '' : `-${n}`}${ending}`;
    if (!existsSync(path)) return path;
  }
};
