import type { Scope } from '../consumer.js';
import { misspellingIn, repetitionIn } from '../given-names.js';
import type { Variant } from './stream-event.js';

/** What the URL of a connection asks for. */
export interface Target {
  /** Streams to begin with, in the order given. */
  readonly names: readonly string[];
  readonly variant: Variant;
}

export const binancePath = /^\/(ws(\/.*)?|stream\/?)$/;

/**
 * `/ws`, `/ws/<stream>/<stream>…`, `/stream` and `/stream?streams=<stream>/<stream>…`. Events are wrapped with their
 * stream's name on `/stream` only. A name that is no stream is one nothing is ever sent on: some clients open `/ws/0`.
 */
export const parseTarget = ({ path, query }: Pick<Scope, 'path' | 'query'>): Target => {
  const isCombined = path.startsWith('/stream');
  // No name holds a space, but some a plus, which is one in a query.
  const named = isCombined ? (query.get('streams') ?? '').replaceAll(' ', '+') : path.slice('/ws'.length);
  const isMicro = query.get('timeUnit')?.toUpperCase() === 'MICROSECOND';
  return {
    names: named.split('/').filter((name) => name !== ''),
    variant: { isCombined, unit: isMicro ? 'us' : 'ms' },
  };
};

const known: readonly string[] = ['streams', 'timeUnit', 'token'];
const units: readonly (string | undefined)[] = [undefined, 'MILLISECOND', 'MICROSECOND'];

/** Returns a sentence if a part of the query would be ignored: the client would wait for streams that never come. */
export const problemOfQuery = (query: URLSearchParams): string | undefined => {
  const problem = misspellingIn(query.keys(), known) ?? repetitionIn(query, []);
  if (problem !== undefined) return problem;
  const isUnit = units.includes(query.get('timeUnit')?.toUpperCase());
  return isUnit ? undefined : 'timeUnit must be MILLISECOND or MICROSECOND';
};
