import { MarketError, printable } from '../errors.js';
import type { Instrument } from '../feed.js';
import type { TimeCheck } from './file-time.js';
import type { RecordingInfo } from './inspect-recording.js';
import type { LineParser, RecordedLine } from './recorded-line.js';
import { createLineParser } from './recording-formats.js';
import { type LineBatch, readLines, readLinesBackwards } from './recording-lines.js';

export interface BadLine {
  /** From 1, in the unpacked file. */
  readonly lineNumber: number;
  readonly reason: string;
}

export interface RecordingCounters {
  /** All lines, including headers and empty ones. */
  lines: number;
  /** Lines with events. */
  usedLines: number;
  badLines: number;
  /** Bad entries in lines with good ones. */
  badEntries: number;
  /** Lines that are used though they are more than a second older than one before them. */
  olderLines: number;
  /** Good lines without events. */
  ignoredLines: number;
  /** Ignored lines by kind: kinds of frames, other instruments, empty bars. */
  readonly ignored: Readonly<Record<string, number>>;
}

export interface RecordingReaderOptions {
  readonly info: RecordingInfo;
  /** The wanted instruments. */
  readonly instruments: readonly Instrument[];
  readonly checkTime: TimeCheck;
  /** Called for a bad line, which is counted and skipped. */
  readonly onBadLine?: (badLine: BadLine) => void;
}

/** Reads a recording of any format from its oldest line to its newest; used by replay and backtest. */
export interface RecordingReader {
  /**
   * The parsed lines of each read; the next ones are read on demand.
   * @throws MarketError `unreadable-file`
   */
  read(): AsyncGenerator<readonly RecordedLine[], void>;
  readonly counters: Readonly<RecordingCounters>;
  /** Share of the file read so far, 0 to 1. */
  progress(): number;
  /** The end of the file is missing, as after a killed recorder or a broken download. Known at the end. */
  readonly isCut: boolean;
}

/** The clocks of a venue's servers differ by less. */
const maxBackMs = 1_000;
/** Further kinds are counted together, because a file may contain anything. */
const maxKinds = 20;

/** @throws MarketError `bad-option` if the recording has no names and not exactly one instrument was given */
export const createRecordingReader = (options: RecordingReaderOptions): RecordingReader => {
  const { info, instruments, checkTime, onBadLine } = options;
  const parser: LineParser = createLineParser({ ...info, instruments, checkTime });
  const ignored: Record<string, number> = {};
  const counters = { lines: 0, usedLines: 0, badLines: 0, badEntries: 0, olderLines: 0, ignoredLines: 0, ignored };
  let newestMs = Number.NEGATIVE_INFINITY;
  let share = 0;

  const ignore = (kind: string): void => {
    counters.ignoredLines += 1;
    const key = Object.hasOwn(ignored, kind) || Object.keys(ignored).length < maxKinds ? kind : 'other';
    ignored[key] = (ignored[key] ?? 0) + 1;
  };

  const parse = ({ firstNumber, step, lines }: LineBatch): readonly RecordedLine[] => {
    const parsed: RecordedLine[] = [];
    for (const [i, line] of lines.entries()) {
      const number = firstNumber + i * step;
      counters.lines += 1;
      if (line !== null && (line.trim() === '' || parser.isHeader(line))) continue;
      try {
        if (line === null) throw new MarketError('bad-line', 'line too long');
        const recorded = parser.parse(line);
        const { bad = [] } = recorded;
        for (const reason of bad) onBadLine?.({ lineNumber: number, reason: printable(reason) });
        if (recorded.events.length > 0) {
          counters.usedLines += 1;
          if (recorded.rts < newestMs - maxBackMs) counters.olderLines += 1;
          newestMs = Math.max(newestMs, recorded.rts);
          counters.badEntries += bad.length;
        } else if (bad.length > 0) counters.badLines += 1;
        else ignore(recorded.ignored ?? 'other');
        parsed.push({ number, ...recorded });
      } catch (error) {
        if (!(error instanceof MarketError)) throw error;
        counters.badLines += 1;
        onBadLine?.({ lineNumber: number, reason: printable(error.message) });
      }
    }
    return parsed;
  };

  let isCut = false;
  const lineOptions = {
    onRead: (read: number): void => {
      share = read;
    },
    onCut: (): void => {
      isCut = true;
    },
  };

  return {
    counters,
    progress: () => share,
    get isCut() {
      return isCut;
    },
    read: async function* () {
      let lastRts = 0;
      const batches = info.isNewestFirst
        ? readLinesBackwards(info.file, lineOptions)
        : readLines(info.file, lineOptions);
      for await (const batch of batches) {
        const parsed = parse(batch);
        lastRts = parsed.at(-1)?.rts ?? lastRts;
        yield parsed;
      }
      const held = parser.end();
      if (held.length > 0) yield [{ number: 0, rts: lastRts, events: held }];
    },
  };
};
