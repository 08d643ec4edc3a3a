import { repetitionIn, slipIn } from '../../protocols/given-names.js';
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
        : (slipIn([unknown], known) ?? `${unknown} is unknown: ${list}`);
    if (problem !== undefined) throw new ApiProblem('bad-request', problem);
    return handler(request);
  };
};
