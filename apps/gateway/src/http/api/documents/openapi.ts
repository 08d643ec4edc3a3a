import { periodNames } from '@tickwire/protocol';
import { maxHistoryLimit } from '../../../protocols/channel-options.js';
import { defaultCandles } from '../candles.js';
import { defaultHistoryLimit } from '../history.js';
import { apiSchemas } from './api-schemas.js';
import { binancePaths, binanceSchemas } from './binance-paths.js';
import { componentsOf, inQuery, json, keySecurity, ok, problem, readSecurity, ref, type Schema } from './schemas.js';
import { serverApiPaths, serverPublish, serverSchemas } from './server-api-paths.js';

const badRequest = problem('A parameter is missing or invalid.');
const unknownChannel = problem('Unknown channels, named in `channels`.');
const unavailable = problem(
  'Redis or the keys that verify tokens cannot be reached, or too many reads are waiting: retry later.',
);
const denied = {
  401: problem('With `AUTH=jwt`: the token is missing or invalid.'),
  403: problem('The token does not allow the channels named in `channels`.'),
};
/** A path that is one of ours too, by another method. */
const { '/api/history': serverHistory, ...serverPaths } = serverApiPaths;

/** Describes everything below `/api`, and what clients of Binance ask for below `/sapi`. */
export const openApi: Schema = {
  openapi: '3.1.0',
  info: {
    title: 'Tickwire',
    version: '1.0.0',
    description:
      'Current prices and forecasts, history, and publishing. For live updates use a socket: see `/api/asyncapi.json`. `/api/v1` offers the same as `/api/v3`.',
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: '/' }],
  paths: {
    '/api/symbols': {
      get: {
        operationId: 'listSymbols',
        summary: 'List all symbols',
        security: readSecurity,
        responses: {
          200: ok("All symbols, in the producer's order.", { type: 'array', items: ref('Symbol') }),
          ...denied,
          503: unavailable,
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
          200: ok('The newest message of each channel, in the order asked.', ref('Snapshot')),
          ...denied,
          400: badRequest,
          404: unknownChannel,
          503: unavailable,
        },
      },
    },
    '/api/history': {
      ...serverHistory,
      get: {
        operationId: 'readHistory',
        summary: 'The history of a channel',
        security: readSecurity,
        parameters: [
          inQuery('channel', 'The channel.', { type: 'string' }, true),
          inQuery('since', '`<epoch>:<seq>`: only messages published after it.', {
            type: 'string',
            pattern: '^.+:\\d+$',
          }),
          inQuery('before', '`<epoch>:<seq>`: only messages published before it. Not together with `since`.', {
            type: 'string',
            pattern: '^.+:\\d+$',
          }),
          inQuery('limit', 'Maximum number of messages.', {
            type: 'integer',
            minimum: 1,
            maximum: maxHistoryLimit,
            default: defaultHistoryLimit,
          }),
        ],
        responses: {
          200: ok(
            'The newest messages, those after `since`, or the newest before `before`; oldest first.',
            ref('History'),
          ),
          ...denied,
          400: badRequest,
          404: unknownChannel,
          503: unavailable,
        },
      },
    },
    '/api/candles': {
      get: {
        operationId: 'readCandles',
        summary: 'Candles of a channel of trades',
        description: 'Of the channels of the producer its bars. Of a channel of your own its kept trades, folded.',
        security: readSecurity,
        parameters: [
          inQuery('channel', 'The channel.', { type: 'string' }, true),
          inQuery('interval', 'Length of a candle.', { type: 'string', enum: [...periodNames], default: '1m' }),
          inQuery('limit', 'Maximum number of candles.', {
            type: 'integer',
            minimum: 1,
            maximum: maxHistoryLimit,
            default: defaultCandles,
          }),
        ],
        responses: {
          200: ok('The newest candles, oldest first.', ref('Candles')),
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
          'On a channel of your own (`CHANNELS`) the message gets the next position and is kept. On a channel of the producer it is sent like `group_send` of a Django Channels layer: without a position, and not kept. With `data` in place of `message` it is `publish` of the server API of Centrifugo. Requires `API_KEY` on the server.',
        security: keySecurity,
        parameters: [
          {
            name: 'Idempotency-Key',
            in: 'header',
            description: 'For an hour, requests with the same key publish once, on any gateway.',
            schema: { type: 'string', minLength: 1, maxLength: 255 },
          },
        ],
        requestBody: { required: true, content: json({ anyOf: [ref('Publication'), serverPublish.request] }) },
        responses: {
          200: ok('Published, now or by an earlier request with the same key.', {
            anyOf: [ref('Published'), serverPublish.reply, serverPublish.error],
          }),
          400: badRequest,
          401: problem('The key is missing or wrong.'),
          403: problem('`API_KEY` is not set, or the key does not allow this channel.'),
          404: unknownChannel,
          409: problem(
            'A request with this idempotency key is in progress, or only the producer publishes on the channel.',
          ),
          413: problem('The body is too large.'),
          415: problem('The body is not JSON.'),
          422: problem('The idempotency key was used for another publication.'),
          503: unavailable,
        },
      },
    },
    ...serverPaths,
    ...binancePaths,
  },
  components: {
    securitySchemes: {
      apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
      bearer: { type: 'http', scheme: 'bearer' },
    },
    schemas: componentsOf({ ...apiSchemas, ...serverSchemas, ...binanceSchemas }),
  },
};
