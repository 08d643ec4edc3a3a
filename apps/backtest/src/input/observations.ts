import { BacktestError } from '../errors.js';
import { type CsvFormat, csvFormat } from './csv.js';
import { createLineReader } from './lines.js';
import { isRecordingLine, parseRecordingLine } from './recording.js';
import type { Observation, RowParser } from './row.js';

export interface InputCounts {
  readonly lines: number;
  readonly good: number;
  /** Well formed, but not about the price of this symbol. */
  readonly skipped: number;
  readonly bad: number;
}

export interface ObservationReader {
  /** In the order of the files, back in time by a second at most. */
  observations(): AsyncIterable<Observation>;
  counts(): InputCounts;
  /** Share of all files read so far, 0 to 1. */
  progress(): number;
}

export interface ObservationReaderOptions {
  readonly files: readonly string[];
  /** Only rows of this symbol; without it the first symbol met. */
  readonly symbol?: string;
  /** A line that cannot be used, at the moment it is met. */
  readonly onBadRow: (file: string, line: number, reason: string) => void;
}

/** Clocks of venues and their many servers jitter by less. */
const maxBackMs = 1000;

/** @throws BacktestError from the iteration: a file that cannot be read, or is of no known kind. */
export const createObservationReader = ({ files, symbol, onBadRow }: ObservationReaderOptions): ObservationReader => {
  let wanted = symbol;
  let lines = 0;
  let good = 0;
  let skippedRows = 0;
  let badRows = 0;
  let filesDone = 0;
  let fileProgress = (): number => 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  // A middle of the quote is a better price than the last trade; where both come, trades are left out.
  let hasQuotes = false;

  const isWanted = ({ kind, symbol: found }: Observation): boolean => {
    wanted ??= found;
    if (found !== undefined && found !== wanted) return false;
    if (kind === 'quote') hasQuotes = true;
    return kind !== 'trade' || !hasQuotes;
  };

  const readFile = async function* (file: string): AsyncGenerator<Observation> {
    const reader = createLineReader(file);
    fileProgress = reader.progress;
    let parse: RowParser | undefined;
    const refuse = (line: number, reason: string): void => {
      badRows++;
      onBadRow(file, line, reason);
    };
    for await (const { text, number } of reader.lines()) {
      if (parse === undefined) {
        const format = formatOf(text, file);
        parse = format.parse;
        if (format.kind !== 'recording') continue;
      }
      if (text.trim() === '') continue;
      lines++;
      const row = parse(text);
      if (row.state === 'bad') refuse(number, row.reason);
      else if (row.state === 'skipped' || !isWanted(row.observation)) skippedRows++;
      else if (row.observation.atMs < lastMs - maxBackMs) refuse(number, 'goes back in time');
      else {
        lastMs = Math.max(lastMs, row.observation.atMs);
        good++;
        yield row.observation;
      }
    }
    if (parse === undefined) throw new BacktestError('input', `${file} is empty`);
  };

  return {
    observations: async function* () {
      for (const file of files) {
        yield* readFile(file);
        filesDone++;
        fileProgress = () => 0;
      }
    },
    counts: () => ({ lines, good, skipped: skippedRows, bad: badRows }),
    progress: () => (filesDone + fileProgress()) / files.length,
  };
};

const formatOf = (
  firstLine: string,
  file: string,
): CsvFormat | { readonly kind: 'recording'; readonly parse: RowParser } => {
  if (isRecordingLine(firstLine)) return { kind: 'recording', parse: parseRecordingLine };
  try {
    return csvFormat(firstLine);
  } catch (error) {
    if (error instanceof BacktestError) throw new BacktestError(error.code, `${file}: ${error.message}`);
    throw error;
  }
};
