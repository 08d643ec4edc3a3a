import { maxIntervalMs, minIntervalMs } from '@tickwire/hub';
import type { Position } from '@tickwire/protocol';
import { z } from 'zod';

/** Publications of a channel that a client may begin with. */
export const maxLast = 1_000;
/** The most publications that one question about history is answered with; a client asks on from the last one. */
export const maxHistoryLimit = 1_000;

/** What a client may ask of a channel, in every protocol of ours. */
export interface ChannelOptions {
  /** At most one publication in so many milliseconds. */
  readonly intervalMs?: number;
  /** Begin with the newest so many publications. */
  readonly last?: number;
}

const whole = (min: number, max: number) => {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
};
/** A number as the text of a URL. */
const inText = (number: ReturnType<typeof whole>) =>
  z
    .string()
    .transform((text) => (/^\d+$/.test(text) ? Number(text) : Number.NaN))
    .pipe(number);

const interval = whole(minIntervalMs, maxIntervalMs);
const last = whole(0, maxLast);
/** The options in JSON. */
export const optionFields = { interval: interval.optional(), last: last.optional() } as const;
/** The same in a URL. */
export const optionParameters = { interval: inText(interval).optional(), last: inText(last).optional() } as const;
/** A choice in a URL. */
export const flag = z.enum(['0', '1'], { error: 'must be 0 or 1' }).optional();
/** Whether a client that is slow also gets the age of publications. */
export const showsAge = (query: URLSearchParams): boolean => query.get('age') === '1';
/** How many publications of history are asked for, in a URL. */
export const historyLimitParameter = inText(whole(1, maxHistoryLimit));

export const optionsOf = (given: { readonly interval?: number | undefined; readonly last?: number | undefined }) => ({
  ...(given.interval !== undefined && { intervalMs: given.interval }),
  ...(given.last !== undefined && { last: given.last }),
});

/** `<epoch>:<seq>`; undefined for anything else. An epoch of another writer may hold colons: the last one parts the two. */
export const parsePosition = (text: string): Position | undefined => {
  const [, epoch, digits] = /^(.+):(\d+)$/.exec(text) ?? [];
  const seq = Number(digits);
  return epoch === undefined || !Number.isSafeInteger(seq) ? undefined : { epoch, seq };
};

/**
 * Positions a client reconnects with, by channel: `<channel>:<epoch>:<seq>` separated by commas. Undefined for anything
 * else. A channel's name holds no colon.
 */
export const parsePositions = (text: string): ReadonlyMap<string, Position> | undefined => {
  const positions = new Map<string, Position>();
  for (const entry of text.split(',')) {
    if (entry === '') continue;
    const [channel = ''] = entry.split(':', 1);
    const position = parsePosition(entry.slice(channel.length + 1));
    if (channel === '' || position === undefined) return undefined;
    positions.set(channel, position);
  }
  return positions;
};
