import type { RequestHandler } from 'express';
import { createOriginRules } from '../access/origins.js';

const maxAgeSeconds = 600;

/**
 * Lets pages of other origins read what stands behind it. Without a list no header is sent: browsers keep such pages
 * out by themselves. Credentials only for origins that are named: `*` means anybody, but not as anybody.
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
        'Authorization, Content-Type, Idempotency-Key, X-API-Key, Last-Event-ID, Cache-Control',
      )
      .set('Access-Control-Max-Age', String(maxAgeSeconds))
      .status(204)
      .end();
  };
};
