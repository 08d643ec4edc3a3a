import { z } from 'zod';
import { optionalFlag, optionalText } from '../../../protocols/centrifuge/command.js';

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

/** Of a publication: what would be lost without a word if it were let through is rejected by name. */
const publication = {
  data: z.unknown().optional(),
  idempotency_key: optionalText,
  b64data: z.unknown().optional(),
  skip_history: z.unknown().optional(),
  tags: z.unknown().optional(),
  version: z.unknown().optional(),
  version_epoch: z.unknown().optional(),
};

/** The parameters of each method, by its name in Centrifugo's server API. */
export const serverRequests = {
  publish: z.object({ channel, ...publication }),
  broadcast: z.object({ channels: z.array(channel).min(1), ...publication }),
  history: z.object({
    channel,
    limit: whole,
    since: z.object({ offset: position, epoch: optionalText }).nullish(),
    reverse: optionalFlag,
  }),
  presence_stats: z.object({ channel }),
  channels: z.object({ pattern: optionalText }),
  info: z.object({}),
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
export const methodsNotOffered: readonly string[] = [
  'presence',
  'subscribe',
  'unsubscribe',
  'refresh',
  'history_remove',
  'rpc',
];

/** Options of a publication that would change what clients get, and are not offered. */
const optionsNotOffered = ['b64data', 'skip_history', 'tags', 'version', 'version_epoch'] as const;

/** Those of a request; what is null, false, 0, '' or {} is not there. */
export const notOffered = (request: Readonly<Record<string, unknown>>): readonly string[] =>
  optionsNotOffered.filter((name) => Boolean(request[name]) && JSON.stringify(request[name]) !== '{}');
