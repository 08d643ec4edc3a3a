import { createHash, timingSafeEqual } from 'node:crypto';
import type { OwnChannelRule } from '@tickwire/protocol';
import type { ApiRequest } from './api.js';
import { ApiProblem } from './problem.js';

/** Whether the holder of a known key may publish on channels of this rule, or, without one, on all others. */
export type MayPublish = (rule: OwnChannelRule | undefined) => boolean;

/** @throws ApiProblem if the request has no known key. */
export type KeyCheck = (request: Pick<ApiRequest, 'header'>) => MayPublish;

/** Digests are of one length, and comparing them takes the same time whatever was given. */
const digest = (text: string): Uint8Array => createHash('sha256').update(text).digest();

/**
 * Lets a request pass that has the key, as `X-API-Key`, `Authorization: Bearer` or `Authorization: apikey`, or one of a
 * rule's own. Without a key set nobody passes.
 */
export const createKeyCheck = (apiKey: string | undefined, rules: readonly OwnChannelRule[] = []): KeyCheck => {
  const master = apiKey === undefined ? undefined : digest(apiKey);
  const owned = rules.flatMap((rule) => rule.keys.map((key) => ({ rule, expected: digest(key) })));
  return (request) => {
    if (master === undefined && owned.length === 0) {
      throw new ApiProblem('publishing-off', 'API_KEY is not set on this server');
    }
    const authorization = /^(?:Bearer|apikey) (.+)$/i.exec(request.header('authorization') ?? '')?.[1];
    const given = request.header('x-api-key') ?? authorization;
    if (given !== undefined) {
      const actual = digest(given);
      if (master !== undefined && timingSafeEqual(actual, master)) return () => true;
      const allowed = owned.filter(({ expected }) => timingSafeEqual(actual, expected)).map(({ rule }) => rule);
      if (allowed.length > 0) return (rule) => rule !== undefined && allowed.includes(rule);
    }
    const detail = given === undefined ? 'send it as X-API-Key or Authorization: Bearer' : 'wrong key';
    throw new ApiProblem('unauthorized', detail, {}, { 'WWW-Authenticate': 'Bearer' });
  };
};
