import { existsSync } from 'node:fs';
import { mkdir, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { constants, crc32, deflateRaw } from 'node:zlib';

/** What a segment needs of a file. */
export interface SegmentFile {
  write(bytes: Buffer, offset: number, length: number, position: number): Promise<{ readonly bytesWritten: number }>;
  truncate(length: number): Promise<void>;
  /** No links are left of a file that was deleted. */
  stat(): Promise<{ readonly nlink: number }>;
  close(): Promise<void>;
}

/** Creates a file that is not there yet. */
export type CreateFile = (path: string) => Promise<SegmentFile>;

/** One gzipped file being written. */
export interface Segment {
  readonly path: string;
  /** On disk; all of it can be read back. */
  readonly writtenBytes: number;
  /**
   * Resolves when the text can be read back, even if the process is killed. Where it rejects, nothing of the text is in
   * the file. One call at a time.
   */
  append(text: string): Promise<void>;
  /** Somebody deleted the file: nothing of it can be read any more. One that was moved is where it was moved to. */
  isDeleted(): Promise<boolean>;
  /** Closes the file for good; one that holds nothing is deleted. */
  close(): Promise<void>;
}

const pack = promisify(deflateRaw);
/** As far back as a packed text may refer. */
const windowBytes = 32_768;
/** Packed by deflate, nothing known about name, time and system. */
const gzipHeader = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
/** A last block, which is empty. */
const lastBlock = Buffer.from([0x03, 0x00]);

const createFile: CreateFile = (path) => open(path, 'wx');

/**
 * Every text is packed for itself up to a byte's end, with the one before it as its dictionary: so it is known of each what
 * of it is on disk, and the file is one gzip stream all the same. Rejects if no file can be made.
 */
export const openSegment = async (file: string, nowMs: number, create: CreateFile = createFile): Promise<Segment> => {
  const path = freePath(file, nowMs);
  await mkdir(dirname(path), { recursive: true });
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
        // Half a text would be there twice once it is in another file. A disk that cannot even shorten a file is beyond help.
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
      // Without its end the file gives what it holds: a full disk takes nothing more with it.
      if (writtenBytes > 0) await write(Buffer.concat([lastBlock, end])).catch(() => {});
      await output.close().catch(() => {});
      if (writtenBytes === 0) await unlink(path).catch(() => {});
    },
  };
};

/** `a/b.ws.gz` of noon is `a/b-20260131T120000000.ws.gz`, with a number behind it where that exists already. */
const freePath = (file: string, nowMs: number): string => {
  const time = new Date(nowMs).toISOString().replace(/[-:.Z]/g, '');
  const match = /^(.*?[^/\\.][^/\\.]*)((?:\.[^/\\]*)?)$/.exec(file);
  const [stem, ending] = match ? [match[1], match[2]] : [file, ''];
  for (let n = 1; ; n++) {
    const path = `${stem}-${time}${n === 1 ? '' : `-${n}`}${ending}`;
    if (!existsSync(path)) return path;
  }
};
