import { type Clock, createSystemClock } from '@tickwire/protocol';
import { MarketError } from '../errors.js';
import type { RawFrame } from '../exchange/feed-notice.js';
import { formatFrame, formatHeader, type RecordingHeader } from './recording-format.js';
import { openSegment, type Segment } from './segment.js';

export interface RecorderOptions {
  /** `records/kraken.ws.gz`; each part gets the time it began in its name: `records/kraken-20260131T120000000.ws.gz`. */
  readonly file: string;
  /** What the frames are, asked when a part begins. */
  readonly describe: () => RecordingHeader;
  /** A part that has grown to this size on disk is the last but one. @default 256_000_000 */
  readonly rotateBytes?: number;
  /** So is one of this age. @default 3_600_000 */
  readonly rotateMs?: number;
  /** What is written within this time is lost if the process is killed. @default 500 */
  readonly flushMs?: number;
  /** Frames are dropped and counted while more than this waits for the disk. @default 64_000_000 */
  readonly maxBufferedBytes?: number;
  /** @default the system's */
  readonly clock?: Clock;
  /** A part could not be written; another is begun after a while. */
  readonly onError?: (error: Error) => void;
}

/** Writes frames to gzipped files that a replay feed can play. */
export interface Recorder {
  /** Returns at once. */
  write(frame: RawFrame): void;
  readonly counters: Readonly<RecorderCounters>;
  /** Parts written so far, oldest first. */
  readonly files: readonly string[];
  /** Idempotent; resolves when all is on disk. */
  close(): Promise<void>;
}

export interface RecorderCounters {
  frames: number;
  /** Not written: the disk was too slow or failed. */
  dropped: number;
  errors: number;
}

/** Lines are handed to the compressor in pieces of this size: one at a time costs more than the compression. */
const pieceLength = 65_536;
const retryMs = 10_000;

/** @throws MarketError `bad-option` */
export const createRecorder = (options: RecorderOptions): Recorder => {
  const { file, describe, rotateBytes = 256_000_000, rotateMs = 3_600_000, flushMs = 500 } = options;
  const { maxBufferedBytes = 64_000_000, clock = createSystemClock(), onError } = options;
  for (const [name, value] of Object.entries({ rotateBytes, rotateMs, flushMs, maxBufferedBytes }))
    if (!(value > 0)) throw new MarketError('bad-option', `${name} must be positive, got ${value}`);

  const counters: RecorderCounters = { frames: 0, dropped: 0, errors: 0 };
  const files: string[] = [];
  /** Parts that are still being written to their end. */
  const ending = new Set<Promise<void>>();
  let segment: Segment | undefined;
  let beganAt = 0;
  let notBefore = 0;
  /** Lines not yet handed over. */
  let lines: string[] = [];
  let length = 0;
  let droppedSince = 0;
  let undoFlush: (() => void) | undefined;
  let isClosed = false;

  const end = (ended: Segment): void => {
    const ending1 = ended.end().finally(() => ending.delete(ending1));
    ending.add(ending1);
  };

  const begin = (now: number): Segment => {
    const opened: Segment = openSegment(file, clock.wall(), (error) => {
      counters.errors += 1;
      if (segment === opened) {
        segment = undefined;
        notBefore = clock.monotonic() + retryMs;
      }
      onError?.(error);
    });
    files.push(opened.path);
    beganAt = now;
    opened.write(`${formatHeader(describe())}\n`);
    return opened;
  };

  const handOver = (): void => {
    if (length === 0 || !segment) return;
    segment.write(lines.join(''));
    lines = [];
    length = 0;
  };

  const flush = (): void => {
    undoFlush = clock.after(flushMs, flush);
    if (!segment) return;
    handOver();
    if (segment.writtenBytes >= rotateBytes || clock.monotonic() - beganAt >= rotateMs) {
      end(segment);
      segment = undefined;
    } else segment.flush();
  };

  const write = ({ rts, text }: RawFrame): void => {
    if (isClosed) return;
    const now = clock.monotonic();
    const isFull = (segment?.bufferedBytes ?? 0) + length > maxBufferedBytes;
    if (isFull || (!segment && now < notBefore)) {
      counters.dropped += 1;
      droppedSince += 1;
      return;
    }
    segment ??= begin(now);
    undoFlush ??= clock.after(flushMs, flush);
    if (droppedSince > 0) lines.push(`# ${droppedSince} frames are missing here\n`);
    droppedSince = 0;
    const line = `${formatFrame(rts, text)}\n`;
    lines.push(line);
    length += line.length;
    counters.frames += 1;
    if (length >= pieceLength) handOver();
  };

  return {
    write,
    counters,
    files,
    close: async () => {
      if (!isClosed) {
        isClosed = true;
        undoFlush?.();
        handOver();
        if (segment) end(segment);
        segment = undefined;
      }
      await Promise.all(ending);
    },
  };
};
