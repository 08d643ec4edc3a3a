import { MarketError, shownText } from '../errors.js';
import type { Instrument } from '../feed.js';
import { createTimeCheck } from './file-time.js';
import { inspectRecording, type RecordingInfo } from './inspect-recording.js';

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

const noInstrument = ({ file, unsplit }: RecordingInfo): string => {
  if (unsplit.length === 0) return `found no instrument in ${file}: name it in SYMBOLS, as BTC-USDT`;
  const names = unsplit.slice(0, 5).map((name) => shownText(name));
  return `${file} holds ${names.join(', ')}, and where base and quote meet is not known: name it in SYMBOLS, as BTC-USDT`;
};
