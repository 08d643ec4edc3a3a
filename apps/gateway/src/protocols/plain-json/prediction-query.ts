import type { Position } from '@tickwire/protocol';
import { z } from 'zod';
import { type ChannelOptions, flag, optionParameters, optionsOf, parsePositions } from '../channel-options.js';
import { misspellingIn, repetitionIn } from '../given-names.js';

/** The options that the URL gives for its channels. */
export interface ChannelQuery extends ChannelOptions {
  readonly names: readonly string[];
  readonly since: ReadonlyMap<string, Position>;
}

const schema = z.object({
  ...optionParameters,
  batch: flag,
  age: flag,
});

const ofPrice: readonly string[] = ['symbol', 'venue'];
const ofChannels: readonly string[] = ['channels', 'since', ...Object.keys(schema.shape)];
const known: readonly string[] = [...ofPrice, ...ofChannels, 'token'];

/**
 * Returns a sentence if a part of the query would be ignored: a misspelling, a repetition, or parameters of the price
 * together with those of channels.
 */
export const problemOfNames = (query: URLSearchParams): string | undefined => {
  const hasChannels = query.has('channels');
  const misplaced = (hasChannels ? ofPrice : ofChannels).find((name) => query.has(name));
  if (misplaced !== undefined) return `${misplaced} ${hasChannels ? 'cannot be combined with' : 'needs'} channels`;
  return misspellingIn(query.keys(), known) ?? repetitionIn(query, ['channels']);
};

/** Returns a sentence if something is wrong with the query. */
export const parseChannelQuery = (channels: string, query: URLSearchParams): ChannelQuery | string => {
  const names = [...new Set(channels.split(',').filter((name) => name !== ''))];
  if (names.length === 0) return 'channels is empty';
  const parsed = schema.safeParse(Object.fromEntries(query));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return `${String(issue?.path[0])} ${issue?.message}`;
  }
  const since = parsePositions(query.get('since') ?? '');
  if (since === undefined) return 'since must be <channel>:<epoch>:<seq>,…';
  return { names, ...optionsOf(parsed.data), since };
};
