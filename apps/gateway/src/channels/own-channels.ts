import { readFileSync } from 'node:fs';
import { isReservedGroup } from '@tickwire/fleet';
import { isGroupName, parseChannelName } from '@tickwire/protocol';
import { ConfigError } from '@tickwire/runtime';
import { z } from 'zod';
import { channelMatcher, isChannelPattern } from '../access/channel-patterns.js';

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
const file = z.record(z.string(), options);

/** Patterns separated by commas, or the path of a JSON file with options of each. @throws ConfigError */
export const parseOwnChannels = (text: string | undefined): readonly OwnChannelRule[] => {
  if (text === undefined) return [];
  const words = text.split(',').map((word) => word.trim());
  const patterns = words.filter((word) => word !== '');
  const given = /\.json$/i.test(text.trim())
    ? readRules(text.trim())
    : patterns.map((pattern) => [pattern, {}] as const);
  return given.map(([pattern, own]) => ruleOf(pattern, options.parse(own)));
};

const readRules = (path: string): readonly (readonly [string, z.input<typeof options>])[] => {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ConfigError(`CHANNELS: ${path} cannot be read as JSON: ${(error as Error).message}`);
  }
  const parsed = file.safeParse(content);
  if (parsed.success) return Object.entries(parsed.data);
  const [issue] = parsed.error.issues;
  throw new ConfigError(`CHANNELS: ${path}: ${issue?.path.map(String).join(' ') || 'the file'}: ${issue?.message}`);
};

export const priceKinds: ReadonlyMap<string, OwnSchema> = new Map<string, OwnSchema>([
  ['trade', 'trade'],
  ['ticker', 'ticker'],
]);

/** @throws ConfigError */
const ruleOf = (pattern: string, { schema, ...rest }: z.output<typeof options>): OwnChannelRule => {
  if (!isChannelPattern(pattern) || pattern.startsWith('*')) {
    throw new ConfigError(
      `CHANNELS: ${JSON.stringify(pattern)} is not a pattern of channels as prices.* or news, which begins with a word`,
    );
  }
  // Everybody follows `ticker.mine.*` as tickers, the page too.
  const example = parseChannelName(pattern.replaceAll('*', 'x').replace(/[^.]*$/, 'X-X'));
  const meant = example && priceKinds.get(example.kind);
  if (example !== undefined && (meant === undefined || (schema !== undefined && schema !== meant))) {
    const allowed = meant === undefined ? 'made by the producer alone' : `of the schema ${meant}`;
    throw new ConfigError(`CHANNELS: channels ${pattern} are ${allowed}`);
  }
  return { pattern, schema: schema ?? meant ?? 'json', ...rest };
};
