import { hasChannels } from '@tickwire/protocol';
import type { Pair } from '../exchange/venue.js';
import { isVenueName, type VenueName } from '../exchange/venues.js';
import { isFields } from '../exchange/wire-fields.js';

/** The first line of a recording: the venue of the frames, and the meaning of their names and numbers. */
export interface RecordingHeader {
  readonly venue: VenueName;
  readonly pairs: readonly Pair[];
}

const mark = '# tickwire-recording ';

/** `# tickwire-recording {"venue":"kraken","pairs":[…]}` */
export const formatHeader = ({ venue, pairs }: RecordingHeader): string => mark + JSON.stringify({ venue, pairs });

/** Undefined for any other line, and for a header of an unknown venue. */
export const parseHeader = (line: string): RecordingHeader | undefined => {
  if (!line.startsWith(mark)) return undefined;
  let header: unknown;
  try {
    header = JSON.parse(line.slice(mark.length));
  } catch {
    return undefined;
  }
  if (!isFields(header) || typeof header['venue'] !== 'string' || !isVenueName(header['venue'])) return undefined;
  const { venue, pairs } = header;
  return Array.isArray(pairs) && pairs.every(isPair) ? { venue, pairs } : undefined;
};

/** A line of a recording that is not a frame, and is skipped. */
export const isComment = (line: string): boolean => line.startsWith('#');

/**
 * `<receive time in ns> <frame>`. Frames are kept bit for bit: one that does not look like JSON on one line is written
 * as a JSON string. The time has the precision of the clock, milliseconds.
 */
export const formatFrame = (rts: number, text: string): string =>
  `${rts}000000 ${/^[{[][^\n\r]*$/.test(text) ? text : JSON.stringify(text)}`;

/** The original frame, from the part of a line after the time. @throws SyntaxError */
export const unquoteFrame = (frame: string): string => (frame.startsWith('"') ? (JSON.parse(frame) as string) : frame);

const isPair = (pair: unknown): pair is Pair =>
  isFields(pair) &&
  typeof pair['name'] === 'string' &&
  typeof pair['symbol'] === 'string' &&
  hasChannels(pair['symbol']) &&
  [pair['priceDecimals'], pair['sizeDecimals']].every((n) => n === undefined || Number.isInteger(n));
