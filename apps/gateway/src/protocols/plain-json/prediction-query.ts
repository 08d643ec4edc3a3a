import { maxIntervalMs, minIntervalMs } from '@tickwire/hub';
import type { Position } from '@tickwire/protocol';
import { z } from 'zod';
import { maxLast } from './plain-json-request.js';
import { parseSince } from './since.js';

/** What the URL says of the channels it names. */
export interface ChannelQuery {
  readonly names: readonly string[];
  readonly intervalMs?: number;
  readonly last?: number;
  readonly since: ReadonlyMap<string, Position>;
}

const whole = (min: number, max: number) =>
  z
    .string()
    .refine((text) => /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max, {
      error: `must be a whole number from ${min} to ${max}`,
    })
    .transform(Number)
    .optional();

const schema = z.object({
  interval: whole(minIntervalMs, maxIntervalMs),
  last: whole(0, maxLast),
  batch: z.enum(['0', '1'], { error: 'must be 0 or 1' }).optional(),
});

/** A sentence on what is wrong with it otherwise. */
export const parseChannelQuery = (channels: string, query: URLSearchParams): ChannelQuery | string => {
  const names = [...new Set(channels.split(',').filter((name) => name !== ''))];
  if (names.length === 0) return 'channels is empty';
  const parsed = schema.safeParse(Object.fromEntries(query));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return `${String(issue?.path[0])} ${issue?.message}`;
  }
  const since = parseSince(query.get('since') ?? '');
  if (since === undefined) return 'since must be <channel>:<epoch>:<seq>,…';
  const { interval, last } = parsed.data;
  return {
    names,
    ...(interval !== undefined && { intervalMs: interval }),
    ...(last !== undefined && { last }),
    since,
  };
};
