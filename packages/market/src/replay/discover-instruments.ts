import { MarketError, printable, shownText } from '../errors.js';
import type { Instrument } from '../feed.js';
import { createTimeCheck } from './file-time.js';
import { inspectRecording, type RecordingInfo } from './inspect-recording.js';
import { createRecordingReader } from './recording-reader.js';

export interface DiscoverOptions {
  /** Requested symbols: they decide how to split a name that can be split in several ways, or not at all. */
  readonly symbols?: readonly string[];
  /** Number of lines to read, unless a requested symbol is missing. @default 10_000 */
  readonly maxLines?: number;
}

/**
 * The instruments of a recording, for `createReplayFeed`, in order of appearance: the symbols of its header, of its
 * frames or of a column; for a table without names the only requested symbol, or else the first part of the file name
 * that is a known pair (`…-btcusdt-….csv.gz`).
 * @throws MarketError `unreadable-file`; `unknown-format` if it is not a recording or no instrument was found
 */
export const discoverInstruments = async (
  file: string,
  options: DiscoverOptions = {},
): Promise<readonly Instrument[]> => {
  const info = await inspectRecording(file, { ...options, checkTime: createTimeCheck() });
  if (info.instruments.length === 0) throw new MarketError('unknown-format', noInstrument(info));
  return info.instruments;
};

/**
 * Reads a recording up to its first usable line of these instruments.
 * @throws MarketError `unreadable-file`; `unknown-format` if it has none, with the first reason
 */
export const requireUsableLine = async (file: string, instruments: readonly Instrument[]): Promise<void> => {
  const checkTime = createTimeCheck();
  const symbols = instruments.map(({ symbol }) => symbol);
  const info = await inspectRecording(file, { symbols, checkTime });
  let why: string | undefined;
  const reader = createRecordingReader({
    info,
    instruments,
    checkTime,
    onBadLine({ lineNumber, reason }) {
      why ??= `line ${lineNumber}: ${reason}`;
    },
  });
  for await (const lines of reader.read()) if (lines.some(({ events }) => events.length > 0)) return;
  const { badLines, ignoredLines, ignored } = reader.counters;
  const bad = `${badLines} are bad${why === undefined ? '' : ` (${why})`}`;
  const kinds = ignoredLines === 0 ? '' : ` (${Object.keys(ignored).slice(0, 5).map(printable).join(', ')})`;
  throw new MarketError(
    'unknown-format',
    `${file} has no usable line of ${symbols.slice(0, 5).join(', ')}: ${bad}, and ${ignoredLines} are of other kinds${kinds}`,
  );
};

const noInstrument = ({ file, unsplit }: RecordingInfo): string => {
  if (unsplit.length === 0) return `found no instrument in ${file}: name it in SYMBOLS, as BTC-USDT`;
  const names = unsplit.slice(0, 5).map((name) => shownText(name));
  return `${file} holds ${names.join(', ')}, and where base and quote meet is not known: name it in SYMBOLS, as BTC-USDT`;
};
