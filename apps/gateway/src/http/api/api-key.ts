import { createHash, timingSafeEqual } from 'node:crypto';
import type { ApiRequest } from './api.js';
import { ApiProblem } from './problem.js';

/** Digests are of one length, and comparing them takes the same time whatever was given. */
const digest = (text: string): Uint8Array => createHash('sha256').update(text).digest();

/**
 * Lets a request pass that has the key, as `X-API-Key` or `Authorization: Bearer`. Without a key set nobody passes.
 * @throws ApiProblem
 */
export const createKeyCheck = (apiKey: string | undefined): ((request: Pick<ApiRequest, 'header'>) => void) => {
  const expected = apiKey === undefined ? undefined : digest(apiKey);
  return (request) => {
    if (expected === undefined) throw new ApiProblem('publishing-off', 'API_KEY is not set on this server');
    const bearer = /^Bearer (.+)$/i.exec(request.header('authorization') ?? '')?.[1];
    const given = request.header('x-api-key') ?? bearer;
    if (given !== undefined && timingSafeEqual(digest(given), expected)) return;
    const detail = given === undefined ? 'send the key as X-API-Key or Authorization: Bearer' : 'this is not the key';
    throw new ApiProblem('unauthorized', detail, {}, { 'WWW-Authenticate': 'Bearer' });
  };
};
