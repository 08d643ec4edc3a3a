import { maxHistoryLimit } from '../../../protocols/channel-options.js';
import { defaultHistoryLimit } from '../history.js';
import { apiSchemas } from './api-schemas.js';
import { componentsOf, ref, type Schema } from './schema.js';

const json = (schema: Schema): Schema => ({ 'application/json': { schema } });
const problem = (description: string): Schema => ({
  description,
  content: { 'application/problem+json': { schema: ref('Problem') } },
});
const ok = (description: string, schema: Schema): Schema => ({ description, content: json(schema) });
const inQuery = (name: string, description: string, schema: Schema, required = false): Schema => ({
  name,
  in: 'query',
  description,
  required,
  schema,
});

const badRequest = problem('A parameter is missing or not what it must be.');
const unknownChannel = problem('A channel that does not exist; `channels` names them.');
const unavailable = problem(
  'Redis, or the keys that tokens are checked with, are out of reach, or too many reads wait: try again.',
);
const denied = {
  401: problem('With `AUTH=jwt`: the token is missing or not taken.'),
  403: problem('The token does not allow a channel; `channels` names it.'),
};
/** A token is needed only where the server asks for one. */
const readSecurity = [{}, { bearer: [] }];

/** Of everything below `/api` but `/api/v3`, which is as Binance documents it. */
export const openApi: Schema = {
  openapi: '3.1.0',
  info: {
    title: 'Tickwire',
    version: '1.0.0',
    description:
      'Prices and forecasts as they are now, what was published before, and a way to publish. For what happens from now on there are sockets: see `/api/asyncapi.json`.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: '/' }],
  paths: {
    '/api/symbols': {
      get: {
        operationId: 'listSymbols',
        summary: 'Which symbols there are',
        security: readSecurity,
        responses: {
          200: ok('All symbols, in the order of the producer.', { type: 'array', items: ref('Symbol') }),
          ...denied,
        },
      },
    },
    '/api/snapshot': {
      get: {
        operationId: 'readSnapshot',
        summary: 'The newest message of many channels',
        security: readSecurity,
        parameters: [inQuery('channels', 'Names separated by commas.', { type: 'string' }, true)],
        responses: {
          200: ok('Of each channel, in the order asked.', ref('Snapshot')),
          ...denied,
          400: badRequest,
          404: unknownChannel,
          503: unavailable,
        },
      },
    },
    '/api/history': {
      get: {
        operationId: 'readHistory',
        summary: 'What was published on a channel',
        security: readSecurity,
        parameters: [
          inQuery('channel', 'The channel.', { type: 'string' }, true),
          inQuery('since', '`<epoch>:<seq>`: only what was published after it.', {
            type: 'string',
            pattern: '^.+:\\d+$',
          }),
          inQuery('limit', 'At most so many messages.', {
            type: 'integer',
            minimum: 1,
            maximum: maxHistoryLimit,
            default: defaultHistoryLimit,
          }),
        ],
        responses: {
          200: ok('The newest messages, or those after `since`; oldest first.', ref('History')),
          ...denied,
          400: badRequest,
          404: unknownChannel,
          503: unavailable,
        },
      },
    },
    '/api/publish': {
      post: {
        operationId: 'publish',
        summary: 'Publish on a channel',
        description:
          'On a channel of your own (`CHANNELS`) it gets the next position and is kept. On a channel of the producer it is sent as `group_send` of a Django Channels layer does: without a position, and it is not kept. Only where `API_KEY` is set.',
        security: [{ apiKey: [] }, { bearer: [] }],
        parameters: [
          {
            name: 'Idempotency-Key',
            in: 'header',
            description: 'The same key publishes once, whichever gateway a repeat reaches, for an hour.',
            schema: { type: 'string', minLength: 1, maxLength: 255 },
          },
        ],
        requestBody: { required: true, content: json(ref('Publication')) },
        responses: {
          200: ok('It was published, now or by an earlier request with the same key.', ref('Published')),
          400: badRequest,
          401: problem('The key is missing or wrong.'),
          403: problem('`API_KEY` is not set, or the key is not one for this channel.'),
          404: unknownChannel,
          409: problem('A request with this idempotency key is under way, or the channel has a producer.'),
          413: problem('The body is too large.'),
          415: problem('The body is not JSON.'),
          422: problem('The idempotency key was used for something else.'),
          503: unavailable,
        },
      },
    },
  },
  components: {
    securitySchemes: {
      apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      bearer: { type: 'http', scheme: 'bearer' },
    },
    schemas: componentsOf(apiSchemas),
  },
};
