import type { SymbolCatalog } from '../../catalog.js';
import { misspellingIn, repetitionIn } from '../../protocols/given-names.js';
import type { ApiHandler } from './api.js';
import { ApiProblem } from './problem.js';

/**
 * A handler of requests with these parameters, and a token, alone: it would ignore any other in silence. Only `channels`
 * may be repeated.
 */
export const taking = (parameters: readonly string[], handler: ApiHandler): ApiHandler => {
  const known = [...parameters, 'token'];
  const list = parameters.length === 0 ? 'there are none' : `there are ${parameters.join(', ')}`;
  return (request) => {
    const { query } = request;
    const unknown = [...query.keys()].find((name) => !known.includes(name));
    const problem =
      unknown === undefined
        ? repetitionIn(query, ['channels'])
        : (misspellingIn([unknown], known) ?? `${unknown} is unknown: ${list}`);
    if (problem !== undefined) throw new ApiProblem('bad-request', problem);
    return handler(request);
  };
};

type Known = Pick<SymbolCatalog, 'knows'>;

/**
 * Names separated by commas, each once, in order.
 * @throws ApiProblem
 */
export const channelsOf = (text: string, max: number, catalog: Known): readonly string[] => {
  const names = [...new Set(text.split(',').filter((name) => name !== ''))];
  if (names.length === 0) throw new ApiProblem('bad-request', 'channels must name at least one channel');
  if (names.length > max) throw new ApiProblem('bad-request', `channels must name at most ${max} channels`);
  const unknown = names.filter((name) => !catalog.knows(name));
  if (unknown.length === 0) return names;
  throw new ApiProblem('unknown-channel', `unknown channel ${unknown[0]}: see /api/symbols`, { channels: unknown });
};

/** @throws ApiProblem */
export const channelOf = (text: string | null, catalog: Known): string => {
  if (text === null || text === '') throw new ApiProblem('bad-request', 'channel must name a channel');
  if (catalog.knows(text)) return text;
  throw new ApiProblem('unknown-channel', `unknown channel ${text}: see /api/symbols`, { channels: [text] });
};
