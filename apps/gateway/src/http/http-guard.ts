import type { RequestHandler } from 'express';
import type { Access } from '../access/access.js';
import { tokenOf } from '../access/access.js';
import { type Grant, TokenRefused } from '../access/grant.js';
import { binanceErrorReply, notPermitted } from '../protocols/binance/rest/errors.js';
import { type ApiReply, sendReply } from './api/api.js';
import { ApiProblem, problemReply } from './api/problem.js';

/** The documents explain how to get access. Requests by POST have their own key. */
const openPaths = new Set(['/openapi.json', '/asyncapi.json']);

/** Below `/api`: lets requests with a token through to what it allows. `access` is undefined if nothing is checked. */
export const createHttpGuard = (
  access: Access | undefined,
  cookie: string | undefined,
  onRefused: () => void,
): RequestHandler => {
  if (access === undefined) return (_request, _response, next) => next();
  return async (request, response, next) => {
    const isBinance = /^\/v[13](\/|$)/i.test(request.path);
    const hasOwnKey = request.method === 'POST' && !isBinance;
    if (openPaths.has(request.path) || request.method === 'OPTIONS' || hasOwnKey) return next();
    const query = new URL(request.originalUrl, 'http://gateway').searchParams;
    try {
      const grant = await access.verify(tokenOf(request, query, cookie));
      const denied = isBinance
        ? grant.isRestricted === true
          ? 'all symbols'
          : undefined
        : deniedChannel(query, grant);
      if (denied === undefined) return next();
      onRefused();
      sendReply(response, isBinance ? binanceErrorReply(notPermitted(403)) : forbidden(denied));
    } catch (error) {
      if (!(error instanceof TokenRefused)) return next(error);
      onRefused();
      const status = error.code === 'unavailable' ? 503 : 401;
      sendReply(response, isBinance ? binanceErrorReply(notPermitted(status)) : refusalOf(error));
    }
  };
};

/** Everything that these paths read is named in their query. */
const deniedChannel = (query: URLSearchParams, grant: Grant): string | undefined =>
  [...query.getAll('channels').flatMap((names) => names.split(',')), ...query.getAll('channel')].find(
    (name) => name !== '' && !grant.maySubscribe(name),
  );

const forbidden = (channel: string): ApiReply =>
  problemReply(new ApiProblem('forbidden', `the token does not allow ${channel}`, { channels: [channel] }));

const refusalOf = ({ code, message }: TokenRefused): ApiReply =>
  problemReply(
    code === 'unavailable'
      ? new ApiProblem('keys-unavailable', message, {}, { 'Retry-After': '1' })
      : new ApiProblem('unauthorized', message, {}, { 'WWW-Authenticate': challengeOf(code) }),
  );

/** RFC 6750, section 3. */
export const challengeOf = (code: TokenRefused['code']): string =>
  code === 'missing' ? 'Bearer' : 'Bearer error="invalid_token"';
