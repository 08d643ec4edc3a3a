import type { z } from 'zod';
import type { CatalogEntry } from '../catalog.js';
import { parseChannelName } from '../channel-names.js';
import { channelMessageSchemas } from '../messages.js';
import { type OwnChannelRule, priceKinds } from './own-channels.js';

/** The `type` of a message with any JSON in `data`; its handler in Channels is `data_json`. */
export const freeDataType = 'data.json';

/** A symbol and the channels on which its prices are. */
export type OwnSymbol = Pick<CatalogEntry, 'venue' | 'symbol' | 'own'>;

interface Message {
  readonly type: string;
  readonly [field: string]: unknown;
}

/** A message that a client wants to publish: one for Channels, or data of any shape. */
export type GivenPublication =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'data'; readonly data: unknown };

export type OwnMessage =
  /** `price`: whose price it is, and where. */
  | { readonly message: Message; readonly price: OwnSymbol | undefined }
  /** What is wrong, in a sentence. */
  | { readonly problem: string };

export interface OwnMessageOptions {
  /** Milliseconds since the Unix epoch: a label. */
  readonly nowMs: number;
  /** @default crypto.randomUUID */
  readonly newId?: () => string;
}

type Fields = Readonly<Record<string, unknown>>;

const prices = {
  trade: { type: 'price.trade', schema: channelMessageSchemas.Trade.strict() },
  ticker: { type: 'price.ticker', schema: channelMessageSchemas.Ticker.strict() },
} as const;

/** Set by the server: from a client they would break the sequence, or the measurement of latency. */
const ours = ['seq', 'epoch', 'pts'];
/** Numbers by nature; all other numbers in a price are decimals. */
const numbers = new Set(['ts', 'rts', 'priceDecimals', 'ageMs']);

/** The message that goes to the channel, still without a position. */
export const ownMessage = (
  channel: string,
  { schema }: Pick<OwnChannelRule, 'schema'>,
  given: GivenPublication,
  { nowMs, newId = () => crypto.randomUUID() }: OwnMessageOptions,
): OwnMessage => {
  const address = parseChannelName(channel);
  if (given.kind === 'data' && schema === 'json') {
    return { message: { type: freeDataType, data: given.data, pts: nowMs }, price: undefined };
  }
  const fields = given.kind === 'data' ? given.data : given.message;
  if (!isObject(fields)) return { problem: `data of ${channel} must be an object with the fields of a ${schema}` };
  const claimed = ours.find((name) => Object.hasOwn(fields, name));
  if (claimed !== undefined) return { problem: `${claimed} is given by the server` };
  if (given.kind === 'message' && schema === 'json')
    return { message: { ...given.message, pts: nowMs }, price: undefined };
  if (schema === 'json') return { problem: 'the schema is json' };
  if (address === undefined && priceKinds.has(channel.split('.', 1)[0] ?? '')) {
    return { problem: `the name of a channel of prices is <kind>.<venue>.<BASE-QUOTE>, as ${schema}.mine.BTC-USD` };
  }
  const { type, schema: shape } = prices[schema];
  const named = address && { venue: address.venue, symbol: address.symbol };
  const times = { ts: nowMs, rts: nowMs, ...(schema === 'trade' && { id: newId() }) };
  const filled = { ...named, ...times, ...withDecimals(fields), type };
  const parsed = shape.safeParse(filled);
  if (!parsed.success) return { problem: issueOf(parsed.error, filled, schema) };
  const wrong = wrongTime(parsed.data, nowMs, schema);
  if (wrong !== undefined) return { problem: wrong };
  const { venue, symbol } = parsed.data;
  if (address !== undefined && (venue !== address.venue || symbol !== address.symbol)) {
    return { problem: `${channel} is of ${address.venue} and ${address.symbol}, not of ${venue} and ${symbol}` };
  }
  return { message: { ...parsed.data, pts: nowMs }, price: { venue, symbol, own: { [schema]: channel } } };
};

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const withDecimals = (fields: Fields): Fields =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'number' && !numbers.has(name) ? decimalText(value) : value,
    ]),
  );

/** Nothing was traded before; a time in seconds lies before it as well. */
const earliestMs = Date.UTC(1980, 0, 1);
const dayMs = 86_400_000;

/** A time in another unit would be that of a trade of 1970, or of the year 56,000. */
const wrongTime = (
  times: { readonly ts: number; readonly rts: number },
  nowMs: number,
  schema: string,
): string | undefined => {
  const isTime = (ms: number): boolean => ms >= earliestMs && ms <= nowMs + dayMs;
  const name = (['ts', 'rts'] as const).find((each) => !isTime(times[each]));
  if (name === undefined) return undefined;
  const ms = times[name];
  const unit = isTime(ms * 1_000) ? 'seconds' : isTime(ms / 1_000) ? 'microseconds' : undefined;
  const hint = unit === undefined ? '' : `: is it in ${unit}?`;
  return `${name} of a ${schema} must be milliseconds since 1970, from 1980 to tomorrow, got ${ms}${hint}`;
};

const issueOf = ({ issues }: z.ZodError, given: Fields, schema: string): string => {
  const [issue] = issues;
  if (issue?.code === 'unrecognized_keys') return `a ${schema} has no field ${issue.keys.join(', ')}`;
  const field = String(issue?.path[0]);
  return given[field] === undefined ? `a ${schema} must have ${field}` : `${field} of a ${schema} ${issue?.message}`;
};

/**
 * A number as a decimal without exponent, with enough digits to distinguish it from every other number; undefined for
 * one that is not finite.
 */
export const decimalText = (value: number): string | undefined => {
  if (!Number.isFinite(value)) return undefined;
  const [coefficient = '', exponent] = String(value).split('e');
  if (exponent === undefined) return coefficient;
  const sign = coefficient.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = coefficient.slice(sign.length).split('.');
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  return sign + (point > 0 ? digits.padEnd(point, '0') : `0.${'0'.repeat(-point)}${digits}`);
};
