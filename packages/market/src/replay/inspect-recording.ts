import { MarketError, shownText } from '../errors.js';
import type { Instrument } from '../feed.js';
import { delimiterOf, splitCells } from './csv-cells.js';
import { foreignContent } from './csv-content.js';
import { type CsvLayout, hasNames, nameOfRow, neededColumns, timeOfRow, venueOfRow } from './csv-layout.js';
import { parseFileTime, type TimeCheck } from './file-time.js';
import { isFrameLine, kindOfFrame, namesIn, parseFrameLine } from './recorded-frames.js';
import { formatOfLines, maxLooks, type RecordingFormat } from './recording-formats.js';
import { readLines } from './recording-lines.js';
import { createSymbolNames, type SymbolNames } from './symbol-names.js';

export interface InspectOptions {
  /** Requested symbols: they take precedence over guesses. */
  readonly symbols?: readonly string[];
  readonly checkTime: TimeCheck;
  /** Number of lines to read, unless a requested symbol is missing. @default 10_000 */
  readonly maxLines?: number;
}

/** Properties of a recording, found at its beginning. */
export interface RecordingInfo {
  readonly file: string;
  readonly format: RecordingFormat;
  readonly names: SymbolNames;
  /** Instruments in order of appearance. */
  readonly instruments: readonly Instrument[];
  /** Names as the file spells them. */
  readonly namesMet: ReadonlySet<string>;
  /** Names that cannot be split into base and quote. */
  readonly unsplit: readonly string[];
  /** Names with single trades. */
  readonly namesWithTrades: ReadonlySet<string>;
  /** The file begins with the newest row. */
  readonly isNewestFirst: boolean;
  /** Time from a bar to the next. */
  readonly barMs: number;
}

const defaultBarMs = 60_000;

/** @throws MarketError `unreadable-file`; `unknown-format`, also for impossible times */
export const inspectRecording = async (file: string, options: InspectOptions): Promise<RecordingInfo> => {
  const { symbols = [], checkTime, maxLines = 10_000 } = options;
  const names = createSymbolNames(symbols);
  const met = new Map<string, MetName>();
  const namesWithTrades = new Set<string>();
  const hasSymbol = (symbol: string): boolean =>
    [...met.values()].some(({ name, venue }) => names.of(name, venue) === symbol);
  let format: RecordingFormat | undefined;
  let times: readonly number[] = [];
  /** Lines before the format is known. */
  let early: readonly string[] = [];
  let isOverlong = false;

  for await (const batch of readLines(file)) {
    const read = batch.lines.filter((line) => line !== null);
    isOverlong ||= read.length < batch.lines.length;
    const lines = format ? read : [...early, ...read];
    if (!format) {
      format = formatOfLines(lines);
      if (!format && lines.length < maxLooks) {
        early = lines;
        continue;
      }
      if (!format) throw unknownFormat(file, lines);
      const foreign = format.kind === 'table' && foreignContent(format.layout, lines.slice(0, maxLooks));
      if (format.kind === 'table' && foreign)
        throw new MarketError(
          'unknown-format',
          `${file} holds ${foreign}: its columns are ${shownText(format.layout.names.join(', '))}`,
        );
      const all = timesOf(format, lines);
      times = all.filter((time) => checkTime(time) === undefined);
      const [first] = all;
      if (first !== undefined && times.length === 0)
        throw new MarketError('unknown-format', `the times of ${file} cannot be right: ${checkTime(first)}`);
      if (format.kind === 'own' || (format.kind === 'table' && !hasNames(format.layout))) break;
    }
    for (const line of lines) noteNames(format, line, met, namesWithTrades);
    // A requested symbol may appear late, in a file sorted by symbols.
    const isMissing = symbols.some((symbol) => !hasSymbol(symbol));
    if (batch.firstNumber + batch.lines.length > maxLines && !isMissing) break;
  }
  if (!format && isOverlong && early.length === 0)
    throw new MarketError('unknown-format', `${file} holds no line of less than 4,000,000 characters`);
  if (!format) throw unknownFormat(file, early);
  const found = [...met.values()].map((each) => ({ ...each, symbol: names.of(each.name, each.venue) }));
  return {
    file,
    format,
    names,
    namesWithTrades,
    namesMet: new Set(found.map(({ name }) => name)),
    instruments: instrumentsOf(file, format, names, symbols) ?? distinct(found),
    unsplit: found.filter(({ symbol }) => symbol === undefined).map(({ name }) => name),
    isNewestFirst: format.kind === 'table' && goesBack(times),
    barMs: usualStep(times),
  };
};

/** The instruments of a recording with a header, or of a table without names; undefined if each line has a name. */
const instrumentsOf = (
  file: string,
  format: RecordingFormat,
  names: SymbolNames,
  symbols: readonly string[],
): readonly Instrument[] | undefined => {
  if (format.kind === 'own') {
    const { venue, pairs } = format.header;
    return pairs.map(({ symbol }) => ({ venue, symbol }));
  }
  if (format.kind === 'frames' || hasNames(format.layout)) return undefined;
  const symbol = symbols.length === 1 ? symbols[0] : names.inFileName(file);
  return symbol === undefined ? [] : [{ venue: format.layout.venue, symbol }];
};

const distinct = (
  found: readonly { readonly venue: string; readonly symbol: string | undefined }[],
): readonly Instrument[] => {
  const instruments = new Map<string, Instrument>();
  for (const { venue, symbol } of found) {
    if (symbol !== undefined) instruments.set(`${venue} ${symbol}`, { venue, symbol });
  }
  return [...instruments.values()];
};

/** Collects names with their venues. The reader of the whole file reports bad lines. */
const noteNames = (
  format: RecordingFormat,
  line: string,
  met: Map<string, MetName>,
  namesWithTrades: Set<string>,
): void => {
  if (format.kind === 'table') {
    const { layout } = format;
    const cells = cellsOf(layout, line);
    const name = cells && nameOfRow(layout, cells);
    if (cells && name) note(met, name, venueOfRow(layout, cells));
    return;
  }
  if (format.kind === 'own' || !isFrameLine(line)) return;
  try {
    const { frame } = parseFrameLine(line);
    for (const name of namesIn(frame)) {
      note(met, name, format.venue);
      if (kindOfFrame(frame) === 'trade') namesWithTrades.add(name);
    }
  } catch {
    // a damaged line names nothing
  }
};

interface MetName {
  readonly name: string;
  readonly venue: string;
}

const note = (met: Map<string, MetName>, name: string, venue: string): void => {
  const key = `${venue} ${name}`;
  if (!met.has(key)) met.set(key, { name, venue });
};

/** The cells of a row; undefined for a header or a comment. */
const cellsOf = (layout: CsvLayout, line: string): readonly string[] | undefined => {
  const cells = splitCells(line, layout.delimiter);
  return timeOf(layout, cells) === undefined ? undefined : cells;
};

const timeOf = (layout: CsvLayout, cells: readonly string[]): number | undefined =>
  timeOfRow(layout, cells, layout.at.received === undefined ? 'time' : 'received');

const timesOf = (format: RecordingFormat, lines: readonly string[]): readonly number[] =>
  lines.flatMap((line) => {
    if (format.kind === 'table') return timeOf(format.layout, splitCells(line, format.layout.delimiter)) ?? [];
    return isFrameLine(line) ? (parseFileTime(line.slice(0, line.search(/:? /))) ?? []) : [];
  });

const steps = (times: readonly number[]): readonly number[] =>
  times.slice(1).map((time, i) => time - (times[i] as number));

/** A step that occurs less often than once in this many bars comes from an odd time, not from the length of a bar. */
const rare = 20;

/** The shortest step, in either direction, that is not rare: where nobody traded, bars may be missing. */
const usualStep = (times: readonly number[]): number => {
  const counts = new Map<number, number>();
  for (const ms of steps(times).map(Math.abs)) if (ms > 0) counts.set(ms, (counts.get(ms) ?? 0) + 1);
  const all = [...counts].sort(([a], [b]) => a - b);
  const [usual = all[0]] = all.filter(([, count]) => count * rare >= times.length);
  return usual?.[0] ?? defaultBarMs;
};

/** A single row out of order is a bad row. */
const goesBack = (times: readonly number[]): boolean => {
  const back = steps(times).filter((ms) => ms < 0).length;
  const forth = steps(times).filter((ms) => ms > 0).length;
  return back > 9 * forth;
};

const unknownFormat = (file: string, lines: readonly string[]): MarketError => {
  const first = lines.find((line) => delimiterOf(line) !== undefined) ?? lines.find((line) => line.trim() !== '');
  if (first === undefined) return new MarketError('unknown-format', `${file} is empty`);
  const delimiter = delimiterOf(first);
  const columns = delimiter === undefined ? [] : splitCells(first, delimiter);
  if (columns.length > 1 && columns.length <= 40 && columns.some((name) => /^[a-z]/i.test(name))) {
    return new MarketError(
      'unknown-format',
      `${file} has the columns ${shownText(columns.join(', '))}; needed are ${neededColumns}`,
    );
  }
  return new MarketError(
    'unknown-format',
    `${file} holds neither "<receive time> <frame>" lines nor a table with known columns: it begins with ${shownText(first)}`,
  );
};
