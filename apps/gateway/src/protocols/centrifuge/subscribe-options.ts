import { maxIntervalMs, minIntervalMs } from '@tickwire/hub';
import { z } from 'zod';
import { CommandRefused, errorReplies } from './error-replies.js';

export const maxLast = 1_000;

const between = (min: number, max: number) => {
  const error = `must be a whole number from ${min} to ${max}`;
  return z.int({ error }).min(min, { error }).max(max, { error }).optional();
};

const schema = z.object({ interval: between(minIntervalMs, maxIntervalMs), last: between(0, maxLast) }).optional();

/** What a client may ask of a subscription beside the protocol. */
export interface ClientOptions {
  /** At most one publication in so many milliseconds. */
  readonly intervalMs?: number;
  /** Begin with the newest so many publications. */
  readonly last?: number;
}

/** Reads `subscribe.data`. @throws CommandRefused with what is wrong */
export const parseSubscribeData = (data: unknown): ClientOptions => {
  const parsed = schema.safeParse(data ?? undefined);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = issue?.path[0];
    throw new CommandRefused(
      errorReplies.badRequest,
      name === undefined ? 'data must be an object' : `${String(name)} ${issue?.message}`,
    );
  }
  const { interval, last } = parsed.data ?? {};
  return { ...(interval !== undefined && { intervalMs: interval }), ...(last !== undefined && { last }) };
};
