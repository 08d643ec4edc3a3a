import { createWriteStream, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { constants, createGzip } from 'node:zlib';

/** One gzipped file being written. */
export interface Segment {
  readonly path: string;
  /** On disk so far. */
  readonly writtenBytes: number;
  /** Taken and not yet compressed: grows while the disk does not keep up. */
  readonly bufferedBytes: number;
  write(text: string): void;
  /** All written so far can be read back from now on, even if the process is killed. */
  flush(): void;
  /** Resolves when all is on disk, or the file failed. */
  end(): Promise<void>;
}

/** Opens a file that was not there before. `onError` is called at most once; nothing is written afterwards. */
export const openSegment = (file: string, nowMs: number, onError: (error: Error) => void): Segment => {
  const path = freePath(file, nowMs);
  const gzip = createGzip({ level: 6 });
  let bufferedBytes = 0;
  let hasFailed = false;
  let onEnded = (): void => {};
  const ended = new Promise<void>((resolve) => {
    onEnded = resolve;
  });

  const fail = (error: Error): void => {
    if (hasFailed) return;
    hasFailed = true;
    gzip.destroy();
    output?.destroy();
    onEnded();
    onError(error);
  };

  const create = () => {
    mkdirSync(dirname(path), { recursive: true });
    return createWriteStream(path, { flags: 'wx' });
  };
  let output: ReturnType<typeof create> | undefined;
  try {
    output = create();
    output.on('error', fail);
    output.on('close', onEnded);
    gzip.on('error', fail);
    gzip.pipe(output);
  } catch (error) {
    // Not at once: whoever opens it does not hold it yet.
    setImmediate(fail, error as Error);
  }

  return {
    path,
    get writtenBytes() {
      return output?.bytesWritten ?? 0;
    },
    get bufferedBytes() {
      return bufferedBytes;
    },
    write: (text) => {
      if (hasFailed) return;
      const bytes = Buffer.from(text);
      bufferedBytes += bytes.length;
      gzip.write(bytes, () => {
        bufferedBytes -= bytes.length;
      });
    },
    flush: () => {
      if (!hasFailed) gzip.flush(constants.Z_SYNC_FLUSH);
    },
    end: () => {
      if (!hasFailed) gzip.end();
      return ended;
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
