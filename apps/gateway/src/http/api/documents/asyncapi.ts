import { messageSchemas } from './message-schemas.js';
import { arrayOf, channelName, constant, decimal, object, ref, type Schema, text } from './schema.js';

const position = { position: ref('Position') };
const notice = (type: string, more: Readonly<Record<string, Schema>> = {}, optional: readonly string[] = []): Schema =>
  object({ type: constant(type), channel: channelName, ...more }, { optional });

/** What the server sends on `/ws/prediction/`, by the names the document gives it. */
const sent: Readonly<Record<string, Schema>> = {
  Price: object(
    {
      price: { type: 'number' },
      ts: { type: 'integer' },
      venue: { type: 'string' },
      symbol: { type: 'string' },
      forecast: ref('Forecast'),
    },
    { optional: ['forecast'], description: 'Every second, without being asked.' },
  ),
  ChannelMessage: {
    description: 'A publication of a channel.',
    allOf: [
      ref('Message'),
      object({ channel: channelName, skipped: { type: 'integer', minimum: 1 } }, { optional: ['skipped'] }),
    ],
  },
  Subscribed: notice('channel.subscribed', position, ['position']),
  Unsubscribed: notice('channel.unsubscribed'),
  Refused: notice('channel.refused', { reason: { type: 'string' } }),
  Recovered: notice('channel.recovered', { recovered: { type: 'boolean' }, ...position }, ['position']),
  Lost: notice('channel.lost', { after: ref('Position'), resumed: ref('Position') }, ['after']),
  Stale: notice('channel.stale'),
  Live: notice('channel.live'),
  Error: object({ type: constant('error'), reason: { type: 'string' } }),
};

const requestSchema = object(
  {
    subscribe: arrayOf(channelName),
    unsubscribe: arrayOf(channelName),
    interval: { type: 'integer', minimum: 20, maximum: 60_000 },
    last: { type: 'integer', minimum: 0, maximum: 1_000 },
    since: { type: 'object', additionalProperties: ref('Position') },
  },
  { optional: ['subscribe', 'unsubscribe', 'interval', 'last', 'since'] },
);

const binanceId: Schema = { type: ['integer', 'string', 'null'], maxLength: 36 };
const binance: Readonly<Record<string, Schema>> = {
  BinanceRequest: object(
    {
      method: {
        type: 'string',
        enum: ['SUBSCRIBE', 'UNSUBSCRIBE', 'LIST_SUBSCRIPTIONS', 'SET_PROPERTY', 'GET_PROPERTY'],
      },
      params: arrayOf({ type: ['string', 'boolean'] }),
      id: binanceId,
    },
    { optional: ['params'] },
  ),
  BinanceAnswer: object({ result: { type: ['null', 'boolean', 'array'] }, id: binanceId }),
  BinanceError: object({ code: { type: 'integer' }, msg: { type: 'string' }, id: binanceId }, { optional: ['id'] }),
  BinanceTrade: object({
    ...{ e: constant('trade'), E: { type: 'integer' }, s: { type: 'string' }, t: { type: 'integer' } },
    ...{ p: decimal, q: decimal, T: { type: 'integer' }, m: { type: 'boolean' }, M: { type: 'boolean' } },
  }),
  BinanceEvent: {
    description: 'As Binance documents it; on `/stream` wrapped as `{"stream","data"}`.',
    anyOf: [ref('BinanceTrade'), { type: 'object' }, { type: 'array' }],
  },
};

const messagesOf = (names: readonly string[]): Schema =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }]));
const references = (channel: string, names: readonly string[]): readonly Schema[] =>
  names.map((name) => ({ $ref: `#/channels/${channel}/messages/${name}` }));
const operation = (action: 'send' | 'receive', channel: string, summary: string, names: readonly string[]): Schema => ({
  ...{ action, summary, channel: { $ref: `#/channels/${channel}` }, messages: references(channel, names) },
});

const parameterOf = (schema: Schema): Schema => ({ bindingVersion: '0.1.0', method: 'GET', query: schema });
const predictionQuery: Schema = {
  type: 'object',
  properties: {
    symbol: text('Whose price to send every second.'),
    venue: text('Where several have the symbol.'),
    channels: text('Channels separated by commas, in place of the price.'),
    interval: { type: 'integer', minimum: 20, maximum: 60_000 },
    last: { type: 'integer', minimum: 0, maximum: 1_000 },
    since: text('`<channel>:<epoch>:<seq>,…`'),
    batch: { type: 'string', enum: ['0', '1'] },
  },
};

const sentNames = Object.keys(sent);
const binanceSent = ['BinanceAnswer', 'BinanceError', 'BinanceEvent'];
const schemas = { ...messageSchemas, ...sent, Request: requestSchema, ...binance };
const messageNames = [...sentNames, 'Request', 'BinanceRequest', ...binanceSent];

/** Of the sockets that speak JSON of ours or Binance's. Actions are the server's: it sends prices, it receives requests. */
export const asyncApi: Schema = {
  asyncapi: '3.0.0',
  info: {
    title: 'Tickwire sockets',
    version: '1.0.0',
    description:
      'Plain JSON and Binance market streams. The Centrifuge protocol at `/connection/websocket` is described by its own SDKs.',
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
  },
  operations: {
    sendPrices: operation('send', 'prediction', 'Prices, publications and what happens to channels', sentNames),
    takeRequests: operation('receive', 'prediction', 'Subscribe and unsubscribe', ['Request']),
    sendBinanceEvents: operation('send', 'binance', 'Answers and events', binanceSent),
    takeBinanceRequests: operation('receive', 'binance', 'Requests', ['BinanceRequest']),
  },
  components: {
    schemas,
    messages: Object.fromEntries(
      messageNames.map((name) => [name, { name, contentType: 'application/json', payload: ref(name) }]),
    ),
  },
};
