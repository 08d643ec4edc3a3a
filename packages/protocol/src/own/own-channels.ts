import { z } from 'zod';
import { isReservedGroup } from '../catalog.js';
import { isGroupName, parseChannelName } from '../channel-names.js';
import { channelMatcher, isChannelPattern } from './channel-patterns.js';

/** Your own channels under one pattern, and their rules. */
export interface OwnChannelRule {
  readonly pattern: string;
  /** What is published: any JSON, or prices. */
  readonly schema: OwnSchema;
  readonly historySize: number;
  readonly historyTtlMs: number;
  /** Keys that may publish here, beside `API_KEY`. */
  readonly keys: readonly string[];
}

const ownSchemas = ['json', 'trade', 'ticker'] as const;
export type OwnSchema = (typeof ownSchemas)[number];

/** Knows which channels are your own. */
export interface OwnChannels {
  readonly rules: readonly OwnChannelRule[];
  /** The first rule that names the channel. */
  find(channel: string): OwnChannelRule | undefined;
}

/** If several patterns match a channel, the first counts. */
export const createOwnChannels = (rules: readonly OwnChannelRule[]): OwnChannels => {
  const matchers = rules.map((rule) => ({ rule, matches: channelMatcher([rule.pattern]) }));
  return {
    rules,
    find(channel) {
      if (!isGroupName(channel) || isReservedGroup(channel)) return undefined;
      return matchers.find(({ matches }) => matches(channel))?.rule;
    },
  };
};

const options = z.strictObject({
  schema: z.enum(ownSchemas, { error: `one of ${ownSchemas.join(', ')}` }).optional(),
  historySize: z.int().min(1).max(100_000).default(1_000),
  historyTtlMs: z.int().min(1_000).max(2_592_000_000).default(3_600_000),
  keys: z.array(z.string().min(16, { error: 'at least 16 characters' })).default([]),
});
const patternOptions = z.record(z.string(), options);

/** The options of a pattern; each has a default. */
export type OwnChannelOptions = z.input<typeof options>;

/** Rules that cannot be used; the message says why. */
export class InvalidOwnChannels extends Error {
  override readonly name = 'InvalidOwnChannels';
  readonly code = 'INVALID_OWN_CHANNELS';
}

/** Reads patterns separated by commas, or the options of each pattern. @throws InvalidOwnChannels */
export const parseOwnChannels = (given: unknown): readonly OwnChannelRule[] => {
  if (typeof given === 'string') {
    const patterns = given.split(',').map((word) => word.trim());
    return patterns.filter((pattern) => pattern !== '').map((pattern) => ruleOf(pattern, options.parse({})));
  }
  const parsed = patternOptions.safeParse(given);
  if (parsed.success) return Object.entries(parsed.data).map(([pattern, own]) => ruleOf(pattern, own));
  const [issue] = parsed.error.issues;
  const where = issue?.path.map(String).join(' ') || 'the options of each pattern';
  throw new InvalidOwnChannels(`${where}: ${issue?.message}`);
};

export const priceKinds: ReadonlyMap<string, OwnSchema> = new Map<string, OwnSchema>([
  ['trade', 'trade'],
  ['ticker', 'ticker'],
]);

/** @throws InvalidOwnChannels */
const ruleOf = (pattern: string, { schema, ...rest }: z.output<typeof options>): OwnChannelRule => {
  if (!isChannelPattern(pattern) || pattern.startsWith('*')) {
    throw new InvalidOwnChannels(
      `${JSON.stringify(pattern)} is not a pattern of channels as prices.* or news, which begins with a word`,
    );
  }
  // Everybody follows `ticker.mine.*` as tickers, the page too.
  const example = parseChannelName(pattern.replaceAll('*', 'x').replace(/[^.]*$/, 'X-X'));
  const meant = example && priceKinds.get(example.kind);
  if (example !== undefined && (meant === undefined || (schema !== undefined && schema !== meant))) {
    const allowed = meant === undefined ? 'made by the producer alone' : `of the schema ${meant}`;
    throw new InvalidOwnChannels(`channels ${pattern} are ${allowed}`);
  }
  return { pattern, schema: schema ?? meant ?? 'json', ...rest };
};
