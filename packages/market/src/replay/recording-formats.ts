import { MarketError, shownText } from '../errors.js';
import { type VenueName, venueOf } from '../exchange/venues.js';
import type { Instrument } from '../feed.js';
import { isComment, parseHeader, type RecordingHeader } from '../recorder/recording-format.js';
import { delimiterOf, splitCells } from './csv-cells.js';
import { layoutWithContent } from './csv-content.js';
import { type CsvLayout, hasNames, headerLayout, headerlessLayout, isHeaderOf, laterLayout } from './csv-layout.js';
import { createCsvRowParser } from './csv-rows.js';
import type { TimeCheck } from './file-time.js';
import { createOwnRecordingReader } from './own-recording.js';
import {
  createFramesParser,
  isFrameLine,
  kindOfFrame,
  nameInFrames,
  parseFrameLine,
  venueOfFrame,
} from './recorded-frames.js';
import { badLine, type LineParser } from './recorded-line.js';
import type { SymbolNames } from './symbol-names.js';

/**
 * - `own`: made by `createRecorder`; the header names the venue and its pairs, the other lines are as in `frames`
 * - `frames`: a line is `<receive time> <frame>`, in the form of a known venue
 * - `table`: CSV with known columns, or one of the tables that exchanges publish without a header
 */
export type RecordingFormat =
  | { readonly kind: 'own'; readonly header: RecordingHeader }
  | { readonly kind: 'frames'; readonly venue: VenueName }
  | { readonly kind: 'table'; readonly layout: CsvLayout };

/** A recording may begin with comments, an address or bad lines, so several lines are read. */
export const maxLooks = 200;

/** The format by the first line that shows it; undefined if none does. */
export const formatOfLines = (lines: readonly string[]): RecordingFormat | undefined => {
  let mayBeHeaderless = true;
  let frames: RecordingFormat | undefined;
  const first = lines.slice(0, maxLooks);
  for (const [i, line] of first.entries()) {
    const header = parseHeader(line);
    if (header) return { kind: 'own', header };
    if (line.trim() === '' || isComment(line) || isAddress(line)) continue;
    if (isFrameLine(line)) {
      const venue = venueOfLine(line);
      if (venue) return { kind: 'frames', venue };
      // An answer to a subscription, or a snapshot, may be any venue's. If nothing else follows, there is nothing to
      // replay.
      frames ??= { kind: 'frames', venue: 'binance' };
      continue;
    }
    const below = first.slice(i + 1);
    const named = headerLayout(line, below);
    const layout = named ? layoutWithContent(named, below) : mayBeHeaderless && headerlessLayout(first.slice(i));
    if (layout) return { kind: 'table', layout };
    // Unknown columns must not be mistaken for known ones because their cells look alike.
    if (hasWords(line)) mayBeHeaderless = false;
  }
  return frames;
};

/** Words that a row may have, even a bad one. */
const words = /^(?:true|false|nan|null|none|buy|sell)$/i;

const hasWords = (line: string): boolean => {
  const delimiter = delimiterOf(line);
  return !!delimiter && splitCells(line, delimiter).some((cell) => /^[a-z_]/i.test(cell) && !words.test(cell));
};

const venueOfLine = (line: string): VenueName | undefined => {
  try {
    // Numbers may be numbers or text: they are not used here.
    return venueOfFrame(parseFrameLine(line).frame);
  } catch {
    return undefined;
  }
};

/** The first line of files from CryptoDataDownload. */
const isAddress = (line: string): boolean => /^(?:https?:)?\/\//.test(line);

export interface ParserOptions {
  readonly format: RecordingFormat;
  /** The wanted instruments; lines of others have no events. */
  readonly instruments: readonly Instrument[];
  readonly names: SymbolNames;
  /** Names found in the file. */
  readonly namesMet: Iterable<string>;
  /** Names with single trades. */
  readonly namesWithTrades: ReadonlySet<string>;
  readonly isNewestFirst: boolean;
  readonly barMs: number;
  readonly checkTime: TimeCheck;
}

/** @throws MarketError `bad-option` if the format has no names and not exactly one instrument was given */
export const createLineParser = (options: ParserOptions): LineParser => {
  const { format } = options;
  switch (format.kind) {
    case 'own':
      return ownParser(format.header, options);
    case 'frames':
      return framesParser(format.venue, options);
    case 'table':
      return tableParser(format.layout, options);
  }
};

const nothingHeld = (): readonly never[] => [];

const ownParser = (header: RecordingHeader, { instruments, checkTime }: ParserOptions): LineParser => {
  const reader = createOwnRecordingReader(header, instruments);
  const { parse } = venueOf(header.venue);
  return {
    isHeader: isComment,
    parse: (line) => {
      const { rts, frame } = parseFrameLine(line, parse);
      const wrong = checkTime(rts);
      if (wrong !== undefined) throw badLine('a receive time', line);
      const { events, bad } = reader.read(frame, rts);
      return events.length > 0 ? { rts, events, bad } : { rts, events, bad, ignored: kindOfFrame(frame) };
    },
    end: reader.end,
  };
};

const framesParser = (venue: VenueName, options: ParserOptions): LineParser => {
  const { instruments, names, namesMet, namesWithTrades, checkTime } = options;
  const symbols = instruments.map(({ symbol }) => symbol);
  const pairs = new Map(symbols.map((symbol) => [nameInFrames(venue, symbol), symbol]));
  for (const name of namesMet) {
    const symbol = names.of(name, venue);
    if (symbol !== undefined && symbols.includes(symbol)) pairs.set(name, symbol);
  }
  return {
    isHeader: isComment,
    parse: createFramesParser({
      venue,
      namesWithTrades,
      checkTime,
      pairs: [...pairs].map(([name, symbol]) => ({ name, symbol })),
    }),
    end: nothingHeld,
  };
};

const tableParser = (first: CsvLayout, options: ParserOptions): LineParser => {
  const { instruments, names, barMs, checkTime, isNewestFirst } = options;
  const [only] = instruments;
  const isNamed = hasNames(first);
  if (!isNamed && (!only || instruments.length !== 1))
    throw new MarketError('bad-option', 'this recording does not name its instrument: give exactly one');
  // A symbol of two venues in one file has two prices.
  const hasVenues = first.at.venue !== undefined;
  const keyOf = (venue: string, symbol: string): string => (hasVenues ? `${venue} ${symbol}` : symbol);
  const wanted = new Map(instruments.map((instrument) => [keyOf(instrument.venue, instrument.symbol), instrument]));
  const instrumentOf = (venue: string, name = ''): Instrument | undefined =>
    isNamed ? wanted.get(keyOf(venue, names.of(name, venue) ?? '')) : only;
  const lastIds = new Map<string, number>();
  const rowParserOf = (layout: CsvLayout) => createCsvRowParser({ layout, instrumentOf, checkTime, barMs, lastIds });
  const isSame = (layout: CsvLayout): boolean =>
    layout.kind === first.kind && hasNames(layout) === isNamed && (layout.at.venue !== undefined) === hasVenues;
  let layout = first;
  let parseRow = rowParserOf(layout);
  let otherHeader: string | undefined;

  /** Below another header the columns have another order, or another meaning. Read backwards, it comes too late. */
  const follow = (line: string): boolean => {
    const later = isNewestFirst ? undefined : laterLayout(line);
    if (!later) return false;
    otherHeader = isSame(later) ? undefined : line;
    if (otherHeader !== undefined) return false;
    layout = { ...later, venue: first.venue, hasDecimalComma: first.hasDecimalComma ?? false };
    parseRow = rowParserOf(layout);
    return true;
  };

  return {
    isHeader: (line) =>
      isComment(line) || isAddress(line) || (otherHeader === undefined && isHeaderOf(layout, line)) || follow(line),
    parse: (line) => {
      if (otherHeader !== undefined)
        throw new MarketError('bad-line', `the header above it has other columns: ${shownText(otherHeader)}`);
      return parseRow(line);
    },
    end: nothingHeld,
  };
};
