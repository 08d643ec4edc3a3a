import { basename } from 'node:path';
import { isSymbol } from '@tickwire/protocol';
import { binanceNameOf } from '../binance/binance-frames.js';
import { guessBinanceSymbol } from '../binance/binance-symbols.js';
import { MarketError } from '../errors.js';
import type { Instrument } from '../feed.js';
import { parseHeader } from '../recorder/recording-format.js';
import { formatOf, isHeader, parseFrameLine, type RecordingFormat } from './recording-formats.js';
import { type LineBatch, readLines } from './recording-lines.js';

export interface DiscoverOptions {
  /** How much of the file is looked at; an instrument that first appears later is not found. @default 10_000 */
  readonly maxLines?: number;
}

/**
 * What a recording holds, for `createReplayFeed`, in order of appearance: the symbols of the frames or of the CSV
 * column; for a CSV without one, the first part of the file name that is a known pair (`…-btcusdt-….csv.gz`).
 * @throws MarketError `unreadable-file`; `unknown-format` if it is no recording or no instrument was found
 */
export const discoverInstruments = async (
  file: string,
  options: DiscoverOptions = {},
): Promise<readonly Instrument[]> => {
  const { maxLines = 10_000 } = options;
  const found = new Map<string, Instrument>();
  let format: RecordingFormat | undefined;
  for await (const batch of readLines(file)) {
    format ??= formatOfBatch(batch);
    if (!format) throw unknownFormat(file);
    if (format === 'own') return ownInstruments(batch);
    if (format === 'binance-trades') {
      const symbol = symbolInName(file);
      if (symbol) found.set(symbol, { venue: 'binance', symbol });
      break;
    }
    for (const line of batch.lines) {
      const instrument = line === null || isHeader(line) ? undefined : instrumentOf(format, line);
      if (instrument) found.set(instrument.symbol, instrument);
    }
    if (batch.firstNumber + batch.lines.length > maxLines) break;
  }
  if (found.size === 0) throw new MarketError('unknown-format', `found no instrument in ${file}: name it`);
  return [...found.values()];
};

/** A recording may begin with a damaged line, so a few are looked at. */
export const formatOfBatch = ({ lines }: LineBatch): RecordingFormat | undefined => {
  for (const line of lines.slice(0, 20)) {
    const format = line === null ? undefined : formatOf(line);
    if (format) return format;
  }
  return undefined;
};

const ownInstruments = ({ lines }: LineBatch): readonly Instrument[] =>
  lines
    .flatMap((line) => (line === null ? [] : (parseHeader(line) ?? [])))
    .slice(0, 1)
    .flatMap(({ venue, pairs }) => pairs.map(({ symbol }) => ({ venue, symbol })));

export const unknownFormat = (file: string): MarketError =>
  new MarketError('unknown-format', `${file} is neither "<receive time> <JSON>" lines nor a known CSV of trades`);

const instrumentOf = (format: RecordingFormat, line: string): Instrument | undefined => {
  if (format === 'questdb-trades') {
    const [symbol = ''] = line.split(',', 1);
    return isSymbol(symbol) ? { venue: 'coinbase', symbol } : undefined;
  }
  const symbol = guessBinanceSymbol(nameIn(line) ?? '');
  return symbol ? { venue: 'binance', symbol } : undefined;
};

const nameIn = (line: string): string | undefined => {
  try {
    return binanceNameOf(parseFrameLine(line).frame);
  } catch {
    return undefined; // the replay itself reports bad lines
  }
};

const symbolInName = (file: string): string | undefined => {
  for (const part of basename(file)
    .toUpperCase()
    .split(/[^A-Z0-9]+/)) {
    const symbol = guessBinanceSymbol(part);
    if (symbol) return symbol;
  }
  return undefined;
};
