import { z } from 'zod';
import { optionalFlag, optionalText } from '../../../protocols/centrifuge/command.js';
import { misspellingIn } from '../../../protocols/given-names.js';
import type { ApiHandler } from '../api.js';
import { ApiProblem } from '../problem.js';

const whole = z
  .int()
  .nullish()
  .transform((value) => value ?? 0);
const position = z
  .int()
  .min(0)
  .nullish()
  .transform((value) => value ?? 0);
const channel = z.string().min(1);

/** The fields of a publication. Those that would be ignored in silence are rejected by name. */
const publication = {
  data: z.unknown().optional(),
  idempotency_key: optionalText,
  b64data: z.unknown().optional(),
  skip_history: z.unknown().optional(),
  tags: z.unknown().optional(),
  version: z.unknown().optional(),
  version_epoch: z.unknown().optional(),
  /** Only how Centrifugo would send it. */
  delta: z.unknown().optional(),
};

/** The parameters of each method, by its name in Centrifugo's server API. */
export const serverRequests = {
  publish: z.object({ channel, ...publication }),
  broadcast: z.object({ channels: z.array(channel).min(1), ...publication }),
  history: z.object({
    channel,
    limit: whole,
    since: z.strictObject({ offset: position, epoch: optionalText }).nullish(),
    reverse: optionalFlag,
  }),
  presence_stats: z.object({ channel }),
  channels: z.object({ pattern: optionalText }),
  info: z.object({}),
  unsubscribe: z.object({ user: z.string(), channel, client: optionalText, session: optionalText }),
  disconnect: z.object({
    user: z.string(),
    client: optionalText,
    session: optionalText,
    whitelist: z
      .array(z.string())
      .nullish()
      .transform((value) => value ?? []),
    disconnect: z.object({ code: whole, reason: optionalText }).nullish(),
  }),
} as const;

export type ServerRequests = {
  readonly [Name in keyof typeof serverRequests]: z.output<(typeof serverRequests)[Name]>;
};
export type ServerMethod = keyof ServerRequests;

export const isServerMethod = (name: string): name is ServerMethod => Object.hasOwn(serverRequests, name);

/** Methods of Centrifugo that are not offered here: they are known, so that the error can say so. */
export const methodsNotOffered: readonly string[] = ['presence', 'subscribe', 'refresh', 'history_remove', 'rpc'];

/** Options of a publication that would change what clients get, and are not offered. */
const optionsNotOffered = ['b64data', 'skip_history', 'tags', 'version', 'version_epoch'] as const;

/** Those of a request. */
export const notOffered = (request: Readonly<Record<string, unknown>>): readonly string[] =>
  optionsNotOffered.filter((name) => isSet(request[name]));

/** False for what means the same as nothing: null, false, 0, '' and {}. */
const isSet = (value: unknown): boolean => Boolean(value) && JSON.stringify(value) !== '{}';

/** Returns a sentence if a request has a field that would be ignored in silence. */
export const unknownField = (method: ServerMethod, params: unknown): string | undefined => {
  if (typeof params !== 'object' || params === null) return undefined;
  const known = Object.keys(serverRequests[method].shape);
  const name = Object.entries(params).find(([field, value]) => !known.includes(field) && isSet(value))?.[0];
  return name === undefined ? undefined : (misspellingIn([name], known) ?? `${name.slice(0, 50)} is unknown`);
};

/**
 * Takes the header `Idempotency-Key` as the key of the one publication in the body. For several it would not be clear
 * which of them it means.
 */
export const takingHeaderKey =
  (path: string, handler: ApiHandler): ApiHandler =>
  (request) => {
    const key = request.header('idempotency-key');
    const { body } = request;
    if (key === undefined || typeof body !== 'object' || body === null) return handler(request);
    if (path === '/batch' || path === '') {
      throw new ApiProblem(
        'bad-request',
        'Idempotency-Key has no effect here: send idempotency_key in each publication',
      );
    }
    const own = 'idempotency_key' in body ? body.idempotency_key : undefined;
    if (isSet(own) && own !== key)
      throw new ApiProblem('bad-request', 'Idempotency-Key and idempotency_key are two keys');
    return handler({ ...request, body: { ...body, idempotency_key: key } });
  };
