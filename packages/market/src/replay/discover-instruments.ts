import { MarketError, shownText } from '../errors.js';
import type { Instrument } from '../feed.js';
import { createTimeCheck } from './file-time.js';
import { inspectRecording, type RecordingInfo } from './inspect-recording.js';

export interface DiscoverOptions {
  /** Symbols that somebody asks for: they decide where a name of the file may be split in several ways, or in none. */
  readonly symbols?: readonly string[];
  /** How much of the file is looked at, unless a symbol asked for is missing. @default 10_000 */
  readonly maxLines?: number;
}

/**
 * What a recording holds, for `createReplayFeed`, in order of appearance: the symbols of its header, of its frames or of
 * a column; for a table without one the only symbol asked for, else the first part of the file name that is a known pair
 * (`…-btcusdt-….csv.gz`).
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

const noInstrument = ({ file, unsplit }: RecordingInfo): string => {
  if (unsplit.length === 0) return `found no instrument in ${file}: name it in SYMBOLS, as BTC-USDT`;
  const names = unsplit.slice(0, 5).map((name) => shownText(name));
  return `${file} holds ${names.join(', ')}, and where base and quote meet is not known: name it in SYMBOLS, as BTC-USDT`;
};
