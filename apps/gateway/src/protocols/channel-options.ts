import { maxIntervalMs, minIntervalMs } from '@tickwire/hub';
import type { Position } from '@tickwire/protocol';
import { z } from 'zod';

/** The most publications of a channel with which a client may begin. */
export const maxLast = 1_000;
/** The most publications in one answer about history; a client continues after the last one. */
export const maxHistoryLimit = 1_000;

/** Options of a subscription, in all of our protocols. */
export interface ChannelOptions {
  /** At most one publication in this many milliseconds. */
  readonly intervalMs?: number;
  /** Begin with this many of the newest publications. */
  readonly last?: number;
}

const whole = (min: number, max: number) => {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error });
};
/** A number in a URL. */
const inText = (number: ReturnType<typeof whole>) =>
  z
    .string()
    .transform((text) => (/^\d+$/.test(text) ? Number(text) : Number.NaN))
    .pipe(number);

const interval = whole(minIntervalMs, maxIntervalMs);
const last = whole(0, maxLast);
/** The options in JSON. */
export const optionFields = { interval: interval.optional(), last: last.optional() } as const;
/** The options in a URL. */
export const optionParameters = { interval: inText(interval).optional(), last: inText(last).optional() } as const;
/** A yes or no in a URL. */
export const flag = z.enum(['0', '1'], { error: 'must be 0 or 1' }).optional();
/** Whether a slow client also gets the age of publications. */
export const showsAge = (query: URLSearchParams): boolean => query.get('age') === '1';
/** The number of publications of history requested in a URL. */
export const historyLimitParameter = inText(whole(1, maxHistoryLimit));

export const optionsOf = (given: { readonly interval?: number | undefined; readonly last?: number | undefined }) => ({
  ...(given.interval !== undefined && { intervalMs: given.interval }),
  ...(given.last !== undefined && { last: given.last }),
});

/**
 * `<epoch>:<seq>`; undefined for anything else. Another writer's epoch may contain colons: the last one separates the
 * two.
 */
export const parsePosition = (text: string): Position | undefined => {
  const [, epoch, digits] = /^(.+):(\d+)$/.exec(text) ?? [];
  const seq = Number(digits);
  return epoch === undefined || !Number.isSafeInteger(seq) ? undefined : { epoch, seq };
};

/**
 * The positions from which a client continues, by channel: `<channel>:<epoch>:<seq>` separated by commas. Undefined for
 * anything else. A channel's name has no colon.
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
