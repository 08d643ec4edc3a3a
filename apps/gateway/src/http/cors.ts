import type { RequestHandler } from 'express';
import { createOriginRules } from '../access/origins.js';

const maxAgeSeconds = 600;

/**
 * Lets pages of other origins read the responses. Without a list no header is sent, and browsers block such pages.
 * Credentials are allowed only for origins that are named, never for `*`.
 */
export const createCors = (origins: readonly string[] | undefined): RequestHandler => {
  if (origins === undefined) return (_request, _response, next) => next();
  const rules = createOriginRules(origins);
  const isForAll = origins.includes('*');
  return (request, response, next) => {
    const origin = request.get('origin');
    response.vary('Origin');
    if (origin === undefined || !rules.isAllowed(origin, undefined)) return next();
    response.set('Access-Control-Allow-Origin', isForAll ? '*' : origin);
    if (!isForAll) response.set('Access-Control-Allow-Credentials', 'true');
    if (request.method !== 'OPTIONS' || request.get('access-control-request-method') === undefined) return next();
    response
      .set('Access-Control-Allow-Methods', 'GET, HEAD, POST')
      .set(
        'Access-Control-Allow-Headers',
        'Authorization, Content-Type, Idempotency-Key, X-API-Key, Last-Event-ID, Cache-Control, X-MBX-APIKEY, X-MBX-TIME-UNIT',
      )
      .set('Access-Control-Max-Age', String(maxAgeSeconds))
      .status(204)
      .end();
  };
};
