import {
  createRecordingReader,
  createTimeCheck,
  type Instrument,
  inspectRecording,
  MarketError,
  type RecordingInfo,
  shownText,
} from '@tickwire/market';
import { hasChannels } from '@tickwire/protocol';
import { BacktestError } from '../options.js';
import { type Observation, observationsOf } from './observation.js';

export interface InputCounts {
  /** All lines, including headers and empty ones. */
  readonly lines: number;
  readonly good: number;
  /** Well formed, but not about the price of this symbol. */
  readonly skipped: number;
  readonly bad: number;
  /** Bad rows that came after a newer one. */
  readonly goingBack: number;
}

export interface ObservationReader {
  /** In the order of the files; time goes back by a second at most. */
  observations(): AsyncIterable<Observation>;
  counts(): InputCounts;
  /** Files without their end. */
  cutFiles(): readonly string[];
  /** Files of which nothing could be used, and not because their rows are of other symbols. */
  badFiles(): readonly string[];
  /** Symbols found in the files. */
  symbols(): readonly string[];
  /** Share of all files read so far, 0 to 1. */
  progress(): number;
}

export interface ObservationReaderOptions {
  readonly files: readonly string[];
  /** Uses only rows of this symbol, canonical or as in the file. @default the first symbol found */
  readonly symbol?: string;
  /** Called for each line that cannot be used. */
  readonly onBadRow: (file: string, line: number, reason: string) => void;
}

/** The clocks of a venue's servers differ by less. */
const maxBackMs = 1000;
/** The instrument of a table without names. */
const unnamed: Instrument = { venue: 'file', symbol: 'BASE-QUOTE' };

/** @throws BacktestError from the iteration, for a file that cannot be read or has an unknown format */
export const createObservationReader = ({ files, symbol, onBadRow }: ObservationReaderOptions): ObservationReader => {
  const checkTime = createTimeCheck();
  const met = new Set<string>();
  const cut: string[] = [];
  const bad: string[] = [];
  let wanted: string | undefined;
  const counts = { lines: 0, good: 0, skipped: 0, bad: 0, goingBack: 0 };
  let filesDone = 0;
  let fileProgress = (): number => 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  // The middle of a quote is a better price than the last trade: if there are both, trades are left out.
  let hasQuotes = false;

  const instrumentIn = (info: RecordingInfo): Instrument => {
    for (const each of info.instruments) met.add(each.symbol);
    const [first] = info.instruments;
    // A table without names belongs to the requested symbol.
    if (info.namesMet.size === 0 && info.format.kind === 'table') return first ?? unnamed;
    const asked =
      wanted ??
      (symbol === undefined ? undefined : (info.names.of(symbol.toUpperCase(), first?.venue ?? '') ?? symbol));
    wanted = asked ?? first?.symbol;
    const found = info.instruments.find((each) => each.symbol === wanted);
    if (wanted !== undefined) return found ?? { venue: first?.venue ?? unnamed.venue, symbol: wanted };
    const names = info.unsplit
      .slice(0, 5)
      .map((name) => shownText(name))
      .join(', ');
    throw new BacktestError(
      'input',
      names === ''
        ? `${info.file} holds nothing about a price`
        : `${info.file} holds ${names}, and where base and quote meet is not known: name it with --symbol, as BTC-USDT`,
    );
  };

  const isWanted = ({ kind }: Observation): boolean => {
    if (kind === 'quote') hasQuotes = true;
    return kind !== 'trade' || !hasQuotes;
  };

  const readFile = async function* (file: string): AsyncGenerator<Observation> {
    const symbols = symbol !== undefined && hasChannels(symbol) ? [symbol] : [];
    const info = await inspectRecording(file, { symbols, checkTime });
    const onBadLine = ({ lineNumber, reason }: { lineNumber: number; reason: string }): void =>
      onBadRow(file, lineNumber, reason);
    const reader = createRecordingReader({ info, instruments: [instrumentIn(info)], checkTime, onBadLine });
    fileProgress = reader.progress;
    for await (const lines of reader.read()) {
      for (const line of lines) {
        const observations = observationsOf(line).filter(isWanted);
        if (observations.some(({ atMs }) => atMs < lastMs - maxBackMs)) {
          counts.bad++;
          counts.goingBack++;
          onBadRow(file, line.number, 'goes back in time');
          continue;
        }
        if (observations.length === 0) counts.skipped++;
        else counts.good++;
        for (const observation of observations) {
          lastMs = Math.max(lastMs, observation.atMs);
          yield observation;
        }
      }
    }
    if (reader.isCut) cut.push(file);
    const { usedLines, badLines, ignoredLines } = reader.counters;
    if (usedLines === 0 && badLines > ignoredLines) bad.push(file);
    counts.lines += reader.counters.lines;
    counts.bad += reader.counters.badLines + reader.counters.badEntries;
  };

  return {
    observations: async function* () {
      for (const file of files) {
        try {
          yield* readFile(file);
        } catch (error) {
          if (error instanceof MarketError) throw new BacktestError('input', error.message, { cause: error });
          throw error;
        }
        filesDone++;
        fileProgress = () => 0;
      }
    },
    counts: () => counts,
    cutFiles: () => cut,
    badFiles: () => bad,
    symbols: () => [...met],
    progress: () => (filesDone + fileProgress()) / files.length,
  };
};
