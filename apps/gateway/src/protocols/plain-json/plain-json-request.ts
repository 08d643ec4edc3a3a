import type { Position } from '@tickwire/protocol';
import { z } from 'zod';
import { type ChannelOptions, optionFields, optionsOf } from '../channel-options.js';
import { misspellingIn } from '../given-names.js';

/** What a client of the plain JSON socket may send. */
export interface PlainJsonRequest extends ChannelOptions {
  readonly subscribe: readonly string[];
  readonly unsubscribe: readonly string[];
  readonly since: ReadonlyMap<string, Position>;
}

const names = z.array(z.string(), { error: 'must be an array of channel names' }).default([]);
const position = z.object({ seq: z.int().min(0), epoch: z.string() });
const sinceForm = 'must be {"<channel>":{"seq":…,"epoch":…},…}';

export const plainJsonRequestSchema = z.object({
  subscribe: names,
  unsubscribe: names,
  ...optionFields,
  since: z.record(z.string(), position, { error: sinceForm }).default({}),
});

const fields = Object.keys(plainJsonRequestSchema.shape);
const expected = 'expected {"subscribe":["<channel>",…]} or {"unsubscribe":["<channel>",…]}';

/** Parses a client's message; returns a sentence if something is wrong with it. */
export const parsePlainJsonRequest = (data: string | Uint8Array): PlainJsonRequest | string => {
  const value = typeof data === 'string' ? parsed(data) : undefined;
  const isAsked = typeof value === 'object' && value !== null && ('subscribe' in value || 'unsubscribe' in value);
  if (!isAsked) return expected;
  const misspelling = misspellingIn(Object.keys(value), fields);
  if (misspelling !== undefined) return misspelling;
  const checked = plainJsonRequestSchema.safeParse(value);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    const name = String(issue?.path[0]);
    // A problem inside `since` is reported for the whole field.
    return `${name} ${name === 'since' ? sinceForm : issue?.message}`;
  }
  const { subscribe, unsubscribe, since, ...options } = checked.data;
  return {
    subscribe: [...new Set(subscribe)],
    unsubscribe: [...new Set(unsubscribe)],
    ...optionsOf(options),
    since: new Map(Object.entries(since)),
  };
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
