import { maxIntervalMs, minIntervalMs } from '@tickwire/hub';
import { amount, channelSchema, currentPriceSchema, noticeSchemas, price } from '@tickwire/protocol';
import { z } from 'zod';
import { maxLast } from '../../../protocols/channel-options.js';
import { plainJsonRequestSchema } from '../../../protocols/plain-json/plain-json-request.js';
import { componentsOf, messageSchema, messageSchemas, ref, type Schema } from './schemas.js';

/** Messages that the server sends on `/ws/prediction/`, by their names in the document. */
const sent = {
  Price: currentPriceSchema.extend({ forecast: messageSchemas.Forecast.exactOptional() }),
  ChannelMessage: z
    .intersection(
      messageSchema,
      z.object({
        channel: channelSchema,
        skipped: z.int().min(1).exactOptional(),
        waitedMs: z.int().min(0).exactOptional(),
      }),
    )
    .describe(
      'A publication of a channel; `skipped` counts earlier ones that a slow client did not receive, `waitedMs` is its age with `age=1`.',
    ),
  ...noticeSchemas,
} as const;

const binanceId = z.union([z.int(), z.string().max(36), z.null()]);
const binanceTrade = z.object({
  e: z.literal('trade'),
  E: z.int(),
  s: z.string(),
  t: z.int(),
  p: price,
  q: amount,
  T: z.int(),
  m: z.boolean(),
  M: z.boolean(),
});
const binance = {
  BinanceRequest: z.object({
    method: z.enum(['SUBSCRIBE', 'UNSUBSCRIBE', 'LIST_SUBSCRIPTIONS', 'SET_PROPERTY', 'GET_PROPERTY']),
    params: z.array(z.union([z.string(), z.boolean()])).exactOptional(),
    id: binanceId,
  }),
  BinanceAnswer: z.object({ result: z.union([z.null(), z.boolean(), z.array(z.unknown())]), id: binanceId }),
  BinanceError: z.object({ code: z.int(), msg: z.string(), id: binanceId.exactOptional() }),
  BinanceTrade: binanceTrade,
  BinanceEvent: z
    .union([z.record(z.string(), z.unknown()), z.array(z.unknown())])
    .describe('As Binance documents it; on `/stream` wrapped as `{"stream","data"}`.'),
  BinanceCall: z.object({
    id: binanceId,
    method: z.string().describe('A call of REST by its name in the WebSocket API: `ticker.price`, `trades.recent`.'),
    params: z.record(z.string(), z.unknown()).exactOptional(),
  }),
  BinanceResponse: z.object({
    id: binanceId,
    status: z.int(),
    result: z.unknown().optional(),
    error: z.object({ code: z.int(), msg: z.string(), data: z.unknown().optional() }).exactOptional(),
    rateLimits: z.array(z.unknown()).exactOptional(),
  }),
} as const;

const messagesOf = (names: readonly string[]): Schema =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }]));
const references = (channel: string, names: readonly string[]): readonly Schema[] =>
  names.map((name) => ({ $ref: `#/channels/${channel}/messages/${name}` }));
const operation = (action: 'send' | 'receive', channel: string, summary: string, names: readonly string[]): Schema => ({
  action,
  summary,
  channel: { $ref: `#/channels/${channel}` },
  messages: references(channel, names),
});

const parameterOf = (schema: Schema): Schema => ({ bindingVersion: '0.1.0', method: 'GET', query: schema });
const text = (description: string): Schema => ({ type: 'string', description });
const predictionQuery: Schema = {
  type: 'object',
  properties: {
    symbol: text('The symbol whose price is sent every second.'),
    venue: text('The venue, when several have the symbol.'),
    channels: text('Channels to follow instead of the price, separated by commas.'),
    interval: { type: 'integer', minimum: minIntervalMs, maximum: maxIntervalMs },
    last: { type: 'integer', minimum: 0, maximum: maxLast },
    since: text('`<channel>:<epoch>:<seq>,…`'),
    batch: { type: 'string', enum: ['0', '1'] },
  },
};

const sentNames = Object.keys(sent);
const binanceSent = ['BinanceAnswer', 'BinanceError', 'BinanceEvent'];
const schemas = componentsOf({ ...messageSchemas, ...sent, Request: plainJsonRequestSchema, ...binance });
const messageNames = [...sentNames, 'Request', ...Object.keys(binance).filter((name) => name !== 'BinanceTrade')];

/** The sockets that speak JSON of ours or Binance's. Actions are the server's: it sends prices, it receives requests. */
export const asyncApi: Schema = {
  asyncapi: '3.0.0',
  info: {
    title: 'Tickwire sockets',
    version: '1.0.0',
    description:
      'Plain JSON, Binance market streams and WebSocket API. The Centrifuge protocol at `/connection/websocket` is described by its own SDKs.',
    license: { name: 'MIT' },
  },
  servers: { gateway: { host: 'localhost:8000', protocol: 'ws' } },
  channels: {
    prediction: {
      address: '/ws/prediction/',
      description: 'Plain JSON: docs/protocols/plain-json.md',
      messages: messagesOf([...sentNames, 'Request']),
      bindings: { ws: parameterOf(predictionQuery) },
    },
    binance: {
      address: '/ws',
      description: 'Binance market streams, also at `/stream`: docs/protocols/binance.md',
      messages: messagesOf(['BinanceRequest', ...binanceSent]),
    },
    binanceApi: {
      address: '/ws-api/v3',
      description: "Binance's WebSocket API, market data alone: docs/protocols/binance.md",
      messages: messagesOf(['BinanceCall', 'BinanceResponse']),
    },
  },
  operations: {
    sendPrices: operation('send', 'prediction', 'Prices, publications and notices about channels', sentNames),
    takeRequests: operation('receive', 'prediction', 'Subscribe and unsubscribe', ['Request']),
    sendBinanceEvents: operation('send', 'binance', 'Answers and events', binanceSent),
    sendBinanceResponses: operation('send', 'binanceApi', 'Responses', ['BinanceResponse']),
    takeBinanceCalls: operation('receive', 'binanceApi', 'Calls', ['BinanceCall']),
    takeBinanceRequests: operation('receive', 'binance', 'Requests', ['BinanceRequest']),
  },
  components: {
    schemas,
    messages: Object.fromEntries(
      messageNames.map((name) => [name, { name, contentType: 'application/json', payload: ref(name) }]),
    ),
  },
};
