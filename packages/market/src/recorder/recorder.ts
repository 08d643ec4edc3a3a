import { type Clock, createSystemClock } from '@tickwire/protocol';
import { MarketError } from '../errors.js';
import type { RawFrame } from '../exchange/exchange-status.js';
import { formatFrame, formatHeader, type RecordingHeader } from './recording-format.js';
import { type CreateFile, openSegment, type Segment } from './segment.js';

export interface RecorderOptions {
  /** `records/kraken.ws.gz`; each part has its start in its name: `records/kraken-20260131T120000000.ws.gz`. */
  readonly file: string;
  /** Describes the frames; called when a part begins. */
  readonly describe: () => RecordingHeader;
  /** Size on disk at which a new part begins. @default 256_000_000 */
  readonly rotateBytes?: number;
  /** Age at which a new part begins. @default 3_600_000 */
  readonly rotateMs?: number;
  /** Frames of at most this time are lost if the process is killed. @default 500 */
  readonly flushMs?: number;
  /** Frames are dropped and counted while more than this waits for the disk. @default 64_000_000 */
  readonly maxBufferedBytes?: number;
  /** @default the system's */
  readonly clock?: Clock;
  /**
   * Called once when the disk fails or does not keep up, until all waiting frames are written. Another part begins
   * after a while.
   */
  readonly onError?: (error: Error) => void;
  /** Called when all waiting frames are written; `dropped` frames were lost meanwhile. */
  readonly onRecovered?: (dropped: number) => void;
  /** Replaces the disk in tests. */
  readonly createFile?: CreateFile;
}

/** Writes frames to gzipped files that a replay feed can play. */
export interface Recorder {
  /** Returns at once. */
  write(frame: RawFrame): void;
  readonly counters: Readonly<RecorderCounters>;
  /** The parts so far, oldest first. */
  readonly files: readonly string[];
  /** Idempotent; resolves when all frames are on disk, or counted as dropped. */
  close(): Promise<void>;
}

export interface RecorderCounters {
  /** Frames on disk that can be read back. */
  frames: number;
  /** Frames lost because the disk was too slow, or full until the end. */
  dropped: number;
  errors: number;
}

/** Lines that are written together. */
interface Piece {
  readonly text: string;
  readonly frames: number;
  /** When it was made, by the monotonic and the wall clock. */
  readonly at: number;
  readonly wallMs: number;
}

/** Lines are compressed in pieces of this size: a call for each line would cost more than the compression. */
const pieceLength = 65_536;
const retryMs = 10_000;

const missingNote = (count: number): string => `# ${count} frames are missing here\n`;

/** @throws MarketError `bad-option` */
export const createRecorder = (options: RecorderOptions): Recorder => {
  const { file, describe, rotateBytes = 256_000_000, rotateMs = 3_600_000, flushMs = 500 } = options;
  const { maxBufferedBytes = 64_000_000, clock = createSystemClock(), onError, onRecovered, createFile } = options;
  for (const [name, value] of Object.entries({ rotateBytes, rotateMs, flushMs, maxBufferedBytes }))
    if (!(value > 0)) throw new MarketError('bad-option', `${name} must be positive, got ${value}`);

  const counters: RecorderCounters = { frames: 0, dropped: 0, errors: 0 };
  const files: string[] = [];
  /** Oldest first; a piece leaves when it is on disk. */
  const waiting: Piece[] = [];
  let waitingLength = 0;
  /** Lines that are not yet part of a piece. */
  let lines: string[] = [];
  let length = 0;
  let frames = 0;
  let droppedHere = 0;
  let segment: Segment | undefined;
  let beganAt = 0;
  /** Frames in the segment. */
  let framesHere = 0;
  let notBefore = Number.NEGATIVE_INFINITY;
  /** Number of dropped frames at the beginning of the trouble; undefined without trouble. */
  let droppedBefore: number | undefined;
  let writing: Promise<void> | undefined;
  let undoFlush: (() => void) | undefined;
  let isClosed = false;

  const trouble = (error: Error): void => {
    if (droppedBefore !== undefined) return;
    droppedBefore = counters.dropped;
    onError?.(error);
  };

  const closeSegment = async (): Promise<void> => {
    const closing = segment;
    segment = undefined;
    await closing?.close();
  };

  const isOver = (at: number): boolean =>
    segment !== undefined && (segment.writtenBytes >= rotateBytes || at - beganAt >= rotateMs);

  /** A note on frames whose file was deleted. */
  const noteLost = async (path: string): Promise<string> => {
    trouble(new Error(`${path} was deleted`));
    counters.frames -= framesHere;
    counters.dropped += framesHere;
    files.splice(files.indexOf(path), 1);
    const note = missingNote(framesHere);
    await closeSegment();
    return note;
  };

  const put = async ({ text, at, wallMs, frames }: Piece): Promise<void> => {
    const note = segment && (await segment.isDeleted()) ? await noteLost(segment.path) : '';
    if (isOver(at)) await closeSegment();
    if (!segment) {
      segment = await openSegment(file, wallMs, createFile);
      beganAt = at;
      framesHere = 0;
    }
    const isFirst = segment.writtenBytes === 0;
    await segment.append(isFirst ? `${formatHeader(describe())}\n${note}${text}` : text);
    if (isFirst) files.push(segment.path);
    framesHere += frames;
    counters.frames += frames;
  };

  /** Writes waiting pieces in order. A piece that fails keeps waiting: no part of it is on disk. */
  const writeAll = async (): Promise<void> => {
    for (let piece = waiting[0]; piece; piece = waiting[0]) {
      try {
        await put(piece);
      } catch (error) {
        counters.errors += 1;
        notBefore = clock.monotonic() + retryMs;
        await closeSegment();
        trouble(error instanceof Error ? error : new Error(String(error)));
        return;
      }
      waiting.shift();
      waitingLength -= piece.text.length;
    }
    if (droppedBefore !== undefined) {
      onRecovered?.(counters.dropped - droppedBefore);
      droppedBefore = undefined;
    }
    if (isOver(clock.monotonic())) await closeSegment();
  };

  const startWriting = (): void => {
    if (writing || clock.monotonic() < notBefore) return;
    writing = writeAll().finally(() => {
      writing = undefined;
      // A piece may have arrived while the last part was being closed.
      if (waiting.length > 0) startWriting();
    });
  };

  const handOver = (): void => {
    if (length > 0) waiting.push({ text: lines.join(''), frames, at: clock.monotonic(), wallMs: clock.wall() });
    waitingLength += length;
    lines = [];
    length = 0;
    frames = 0;
    startWriting();
  };

  const flush = (): void => {
    undoFlush = clock.after(flushMs, flush);
    handOver();
  };

  const push = (line: string): void => {
    lines.push(line);
    length += line.length;
  };

  const write = ({ rts, text }: RawFrame): void => {
    if (isClosed) return;
    undoFlush ??= clock.after(flushMs, flush);
    if (waitingLength + length > maxBufferedBytes) {
      trouble(new Error('the disk does not keep up'));
      counters.dropped += 1;
      droppedHere += 1;
      return;
    }
    if (droppedHere > 0) push(missingNote(droppedHere));
    droppedHere = 0;
    push(`${formatFrame(rts, text)}\n`);
    frames += 1;
    if (length >= pieceLength) handOver();
  };

  const finish = async (): Promise<void> => {
    undoFlush?.();
    handOver();
    while (writing !== undefined) await writing;
    // This is the last attempt, so it does not wait.
    await writeAll();
    for (const piece of waiting.splice(0)) counters.dropped += piece.frames;
    await closeSegment();
  };

  let closing: Promise<void> | undefined;
  return {
    write,
    counters,
    files,
    close: () => {
      isClosed = true;
      closing ??= finish();
      return closing;
    },
  };
};
