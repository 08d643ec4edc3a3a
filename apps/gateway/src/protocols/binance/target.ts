import { nearName } from '@tickwire/runtime';
import type { Scope } from '../consumer.js';
import { misspellingIn, repetitionIn } from '../given-names.js';
import { type TimeUnit, timeUnitOf } from './payload-fields.js';
import type { Variant } from './stream-event.js';

/** What the URL of a connection asks for. */
export interface Target {
  /** Streams to begin with, in the order given. */
  readonly names: readonly string[];
  readonly variant: Variant;
}

export const webSocketApiPath = /^\/ws-api\/v3\/?$/;
export const binancePath = /^\/(ws(\/.*)?|stream\/?)$/;

/**
 * `/ws`, `/ws/<stream>/<stream>…`, `/stream` and `/stream?streams=<stream>/<stream>…`. Events are wrapped with their
 * stream's name on `/stream` only. A name that is no stream is one nothing is ever sent on: some clients open `/ws/0`.
 */
export const parseTarget = ({ path, query }: Pick<Scope, 'path' | 'query'>): Target => {
  const isCombined = path.startsWith('/stream');
  // No name holds a space, but some a plus, which is one in a query.
  const named = isCombined ? (query.get('streams') ?? '').replaceAll(' ', '+') : path.slice('/ws'.length);
  return {
    names: named.split('/').filter((name) => name !== ''),
    variant: { isCombined, unit: unitOf(query) ?? 'ms' },
  };
};

const known: readonly string[] = ['streams', 'timeUnit', 'token'];

/**
 * Returns a sentence if the path is a slip of the one of plain JSON, or a part of the query would be ignored: the client
 * would wait for messages that never come.
 */
export const problemOfTarget = ({ path, query }: Pick<Scope, 'path' | 'query'>): string | undefined => {
  const [, first, name = ''] = path.split('/');
  if (first === 'ws' && nearName(name, ['prediction']) !== undefined) {
    return `${name} names no stream: did you mean /ws/prediction/?`;
  }
  return misspellingIn(query.keys(), known) ?? repetitionIn(query, []) ?? problemOfUnit(query);
};

const problemOfUnit = (query: URLSearchParams): string | undefined =>
  unitOf(query) === undefined ? 'timeUnit must be MILLISECOND or MICROSECOND' : undefined;

/** The unit that a URL of streams or of the WebSocket API names. Undefined for an unknown one. */
export const unitOf = (query: URLSearchParams): TimeUnit | undefined => timeUnitOf(query.get('timeUnit') ?? undefined);

const knownOfApi: readonly string[] = ['returnRateLimits', 'timeUnit', 'token'];
const flags: readonly (string | null)[] = [null, 'true', 'false'];

/** The same of a connection to the WebSocket API. */
export const problemOfApiQuery = (query: URLSearchParams): string | undefined => {
  const problem = misspellingIn(query.keys(), knownOfApi) ?? repetitionIn(query, []);
  if (problem !== undefined) return problem;
  if (!flags.includes(query.get('returnRateLimits'))) return 'returnRateLimits must be true or false';
  return problemOfUnit(query);
};
