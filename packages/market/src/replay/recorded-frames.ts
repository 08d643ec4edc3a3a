import { payloadOf } from '../binance/binance-frames.js';
import { MarketError } from '../errors.js';
import type { Pair } from '../exchange/venue.js';
import { type VenueName, venueOf } from '../exchange/venues.js';
import { type Fields, isFields } from '../exchange/wire-fields.js';
import { unquoteFrame } from '../recorder/recording-format.js';
import { parseFileTime, type TimeCheck } from './file-time.js';
import { badLine, type ParsedLine, type RecordedEvent } from './recorded-line.js';

/** A time in any unit, as recorders write it before a frame. */
const frameLine = /^(\d{10,19}(?:\.\d+)?):? (?=[{["])/;

export const isFrameLine = (line: string): boolean => frameLine.test(line);

/** Splits `<receive time> <frame>` and parses the frame. @throws MarketError `bad-line` */
export const parseFrameLine = (
  line: string,
  parse: (text: string) => unknown = JSON.parse,
): { readonly rts: number; readonly frame: unknown } => {
  const match = frameLine.exec(line);
  const rts = parseFileTime(match?.[1] ?? '');
  if (!match || rts === undefined) throw badLine('a receive time and a frame', line);
  try {
    return { rts, frame: parse(unquoteFrame(line.slice(match[0].length))) };
  } catch {
    throw badLine('JSON', line);
  }
};

/** The venue of a frame, by its form. Undefined if it could be any venue's. */
export const venueOfFrame = (frame: unknown): VenueName | undefined => {
  if (!isFields(frame)) return undefined;
  if (typeof frame['product_id'] === 'string' || frame['type'] === 'subscriptions') return 'coinbase';
  if (typeof frame['channel'] === 'string') return 'kraken';
  return typeof payloadOf(frame)?.['s'] === 'string' ? 'binance' : undefined;
};

/** The names of the pairs in a frame, as its venue spells them. */
export const namesIn = (frame: unknown): readonly string[] => {
  if (!isFields(frame)) return [];
  const { data } = frame;
  const entries = typeof frame['channel'] === 'string' && Array.isArray(data) ? data.filter(isFields) : [];
  const names = [payloadOf(frame)?.['s'], frame['product_id'], ...entries.map((entry) => entry['symbol'])];
  return [...new Set(names.filter((name) => typeof name === 'string'))];
};

/** The kind of a frame, for a count. A file may contain anything, so a kind must look like one. */
export const kindOfFrame = (frame: unknown): string => {
  if (!isFields(frame)) return 'other';
  const kind = payloadOf(frame)?.['e'] ?? frame['type'] ?? frame['channel'] ?? frame['method'];
  return typeof kind === 'string' && /^\w{1,30}$/.test(kind) ? kind : 'other';
};

/** The venue's name of a symbol in frames, if no frame showed it. */
export const nameInFrames = (venue: VenueName, symbol: string): string => symbol.replace('-', venueOf(venue).separator);

export interface FramesOptions {
  readonly venue: VenueName;
  readonly pairs: readonly Pair[];
  /** Names with single trades: aggregated trades of these repeat them. */
  readonly namesWithTrades: ReadonlySet<string>;
  readonly checkTime: TimeCheck;
}

/** Parses lines of frames without a header, each by itself. @throws MarketError `bad-line`, `bad-frame` */
export const createFramesParser = (options: FramesOptions): ((line: string) => ParsedLine) => {
  const { venue: name, pairs, namesWithTrades, checkTime } = options;
  const venue = venueOf(name);
  const map = venue.createMapper(pairs);
  const wanted = new Set(pairs.map((pair) => pair.name));

  return (line) => {
    const { rts, frame } = parseFrameLine(line, venue.parse);
    const wrong = checkTime(rts);
    if (wrong !== undefined) throw new MarketError('bad-line', `the receive time is wrong: ${wrong}`);
    const events: RecordedEvent[] = [];
    const bad: string[] = [];
    for (const item of map(name === 'binance' ? plainBinanceFrame(frame, namesWithTrades) : frame, rts)) {
      if (item.kind === 'trade' || item.kind === 'stats') events.push(item);
      else if (item.kind === 'quote') events.push({ kind: 'quote', quote: item.quote });
      else if (item.kind === 'bad') bad.push(item.reason);
    }
    if (events.length > 0 || bad.length > 0) return { rts, events, bad };
    const names = namesIn(frame);
    const isOthers = names.length > 0 && !names.some((each) => wanted.has(each));
    return { rts, events, ignored: isOthers ? 'other instruments' : kindOfFrame(frame) };
  };
};

/** Later than any time in milliseconds, and earlier than any in microseconds. */
const maxMs = 1e14;

/**
 * The frame in the form that the live adapter knows: connections with `timeUnit=MICROSECOND` have finer times, and
 * `aggTrade` reports several trades of one order in the form of one `trade`.
 */
const plainBinanceFrame = (frame: unknown, namesWithTrades: ReadonlySet<string>): unknown => {
  const data = payloadOf(frame);
  if (!data) return frame;
  const isAggregate = data['e'] === 'aggTrade' && !namesWithTrades.has(String(data['s']));
  if (!isAggregate && !isFine(data['E']) && !isFine(data['T'])) return frame;
  const plain: Fields = {
    ...data,
    ...(isFine(data['E']) && { E: Math.floor(data['E'] / 1_000) }),
    ...(isFine(data['T']) && { T: Math.floor(data['T'] / 1_000) }),
    ...(isAggregate && { e: 'trade', t: data['a'] }),
  };
  return plain;
};

const isFine = (time: unknown): time is number => typeof time === 'number' && time > maxMs;
