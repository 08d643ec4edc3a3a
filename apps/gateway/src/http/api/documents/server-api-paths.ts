import { z } from 'zod';
import { type ServerMethod, serverRequests } from '../server-api/requests.js';
import { json, keySecurity, ok, problem, ref, type Schema } from './schemas.js';

const whole = z.int();
const error = z.object({ code: whole, message: z.string() });
const offset = { offset: whole, epoch: z.string() };

const requestNames = {
  publish: 'ServerPublish',
  broadcast: 'ServerBroadcast',
  history: 'ServerHistory',
  presence_stats: 'ServerPresenceStats',
  channels: 'ServerChannels',
  info: 'ServerInfo',
  unsubscribe: 'ServerUnsubscribe',
  disconnect: 'ServerDisconnect',
} as const satisfies Record<ServerMethod, string>;

const results = {
  publish: z.object(offset),
  broadcast: z.object({ responses: z.array(z.union([z.object({ result: z.object(offset) }), z.object({ error })])) }),
  history: z.object({ publications: z.array(z.object({ data: z.unknown(), offset: whole })), ...offset }),
  presence_stats: z.object({ num_clients: whole, num_users: whole }),
  channels: z.object({ channels: z.record(z.string(), z.object({ num_clients: whole })) }),
  info: z.object({ nodes: z.array(z.looseObject({ uid: z.string(), name: z.string(), num_clients: whole })) }),
  unsubscribe: z.object({}),
  disconnect: z.object({}),
} as const satisfies Record<ServerMethod, z.ZodType>;

const methods = Object.keys(requestNames) as readonly ServerMethod[];
const replyName = (method: ServerMethod): string => `${requestNames[method]}Reply`;

/** Requests and replies of Centrifugo's server API. */
export const serverSchemas: Readonly<Record<string, z.ZodType>> = {
  ServerError: z.object({ error }).describe('Codes are those of Centrifugo; the status is 200.'),
  ...Object.fromEntries(
    methods.flatMap((method) => [
      [requestNames[method], serverRequests[method]],
      [replyName(method), z.object({ result: results[method] })],
    ]),
  ),
  ServerBatch: z.object({ commands: z.array(z.record(z.string(), z.unknown())) }),
  ServerBatchReply: z.object({ replies: z.array(z.record(z.string(), z.unknown())) }),
  ServerCommand: z.object({ method: z.string(), params: z.unknown().optional() }),
};

const summaries: Readonly<Record<ServerMethod, string>> = {
  publish: 'Publish on a channel of your own',
  broadcast: 'Publish on several channels of your own',
  history: 'The history of a channel',
  presence_stats: 'How many follow a channel, on all gateways',
  channels: 'Channels that are followed, on all gateways',
  info: 'All gateways',
  unsubscribe: 'End the subscription of a user to a channel, on all gateways',
  disconnect: 'Disconnect a user, on all gateways',
};

const post = (operationId: string, summary: string, request: Schema, reply: Schema): Schema => ({
  post: {
    operationId,
    summary,
    tags: ['Server API of Centrifugo'],
    security: keySecurity,
    requestBody: { required: true, content: json(request) },
    responses: {
      200: ok('The result, or an error.', { anyOf: [reply, ref('ServerError')] }),
      400: problem('The body is not JSON.'),
      401: problem('The key is missing or wrong.'),
      403: problem('`API_KEY` is not set.'),
      413: problem('The body is too large.'),
      415: problem('The body is not JSON.'),
      503: problem('Too many reads are waiting: retry later.'),
    },
  },
});

/** `POST /api/publish` takes either form, and is described with our own. */
export const serverPublish = {
  request: ref('ServerPublish'),
  reply: ref(replyName('publish')),
  error: ref('ServerError'),
};

/** By path. */
export const serverApiPaths: Readonly<Record<string, Schema>> = {
  '/api': post('serverCommand', 'Any method', ref('ServerCommand'), { type: 'object', required: ['result'] }),
  '/api/batch': post('serverBatch', 'Several commands', ref('ServerBatch'), ref('ServerBatchReply')),
  ...Object.fromEntries(
    methods
      .filter((method) => method !== 'publish')
      .map((method) => [
        `/api/${method}`,
        post(`server_${method}`, summaries[method], ref(requestNames[method]), ref(replyName(method))),
      ]),
  ),
};
