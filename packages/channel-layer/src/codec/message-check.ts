import { types } from 'node:util';
import { InvalidMessage } from '../errors.js';
import type { Message } from '../layer.js';

export interface ValueLimits {
  /** Keys and values. */
  readonly maxValues: number;
  readonly maxMaps: number;
}

/** Turns checked messages into bytes. `decode` may return or throw anything: the codec checks it. */
export interface Serializer {
  encode(message: Message): Uint8Array;
  decode(bytes: Uint8Array): unknown;
  /** Returns whether the bytes hold more than that. @default bytes are all that is limited */
  isBeyond?(bytes: Uint8Array, limits: ValueLimits): boolean;
  /** Returns the bytes as JSON text, if that is possible without decoding them into values. */
  toJson?(bytes: Uint8Array): Buffer | undefined;
}

/** The depth limit of the msgpack encoder; Python's packer allows 511. */
const maxDepth = 100;
const minBigInt = -(2n ** 63n);
const maxBigInt = 2n ** 64n - 1n;

/** Matches only surrogates without their partner: with the `u` flag a pair is one code point. */
const loneSurrogate = /\p{Surrogate}/u;

/**
 * Rejects a message that a reader would misread or could not survive: in Django one message that cannot be dispatched
 * or unpacked closes every socket of the group.
 * @throws InvalidMessage naming the field.
 */
export function assertMessage(message: unknown): asserts message is Message {
  if (!isPlainObject(message)) throw new InvalidMessage(`a message must be a plain object, not ${describe(message)}`);
  if (!hasType(message)) throw new InvalidMessage('a message must have a non-empty string type');
  if (!isDispatchable(message.type)) {
    throw new InvalidMessage(`type ${JSON.stringify(message.type)} begins with a character that Channels rejects`);
  }
  // Channels' core layer carries the addressee under this key and removes it on arrival.
  if (Object.hasOwn(message, '__asgi_channel__')) throw new InvalidMessage('field __asgi_channel__ is reserved');
  const flaw = flawIn(message, 1);
  if (flaw !== undefined) throw new InvalidMessage(`field ${shownPath(flaw.path)} ${flaw.problem}`);
}

export const hasType = (fields: Record<string, unknown>): fields is Message & Record<string, unknown> =>
  typeof fields['type'] === 'string' && fields['type'] !== '';

/** Channels turns dots into underscores and rejects a result that begins with one. */
export const isDispatchable = (type: string): boolean => !type.startsWith('_') && !type.startsWith('.');

export const isPlainObject = (value: unknown): value is Record<string, unknown> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype = Object.getPrototypeOf(value);
  // Any root prototype is accepted: objects from another realm (a vm context) have their own `Object.prototype`.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
};

interface Flaw {
  readonly path: string[];
  readonly problem: string;
}

const shownParts = 8;
const shownPath = (path: readonly string[]): string =>
  path.length > shownParts ? `${path.slice(0, shownParts).join('.')}…` : path.join('.');

const flawIn = (value: unknown, depth: number): Flaw | undefined => {
  switch (typeof value) {
    case 'string':
      return loneSurrogate.test(value) ? flaw('has half a surrogate pair') : undefined;
    case 'number':
      if (Number.isInteger(value) && !Number.isSafeInteger(value)) return flaw('is beyond 2^53: use a bigint, or text');
      return Number.isFinite(value) ? undefined : flaw(`is ${value}`);
    case 'boolean':
      return undefined;
    case 'bigint':
      return value < minBigInt || value > maxBigInt ? flaw('does not fit 64 bits') : undefined;
    case 'object':
      return value === null || types.isUint8Array(value) ? undefined : flawInside(value, depth);
    default:
      return flaw(`is ${describe(value)}`);
  }
};

const flawInside = (value: object, depth: number): Flaw | undefined => {
  if (depth > maxDepth) return flaw(`is nested more than ${maxDepth} deep`);
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      const found = flawIn(value[index], depth + 1);
      if (found !== undefined) return under(String(index), found);
    }
    return undefined;
  }
  // A Map, Set or Date would otherwise arrive as an empty map or as a type that only some readers know.
  if (!isPlainObject(value)) return flaw(`is ${describe(value)}`);
  for (const key of Object.keys(value)) {
    if (key === '__proto__' || loneSurrogate.test(key)) return under(JSON.stringify(key), flaw('is not a field name'));
    const found = flawIn(value[key], depth + 1);
    if (found !== undefined) return under(key, found);
  }
  return undefined;
};

const flaw = (problem: string): Flaw => ({ path: [], problem });

const under = (key: string, { path, problem }: Flaw): Flaw => ({ path: [key, ...path], problem });

const describe = (value: unknown): string => {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== 'object') return `a ${typeof value}`;
  return `a ${value.constructor?.name ?? 'strange object'}`;
};
