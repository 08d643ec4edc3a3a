import { catalogEntrySchema, channelSchema, periodNames, positionSchema, time } from '@tickwire/protocol';
import { z } from 'zod';
import { candleSchema } from '../candles.js';
import { problemTypes, problemUri } from '../problem.js';
import { messageSchema, messageSchemas } from './schemas.js';

/** Requests and replies of `/api`, by their names in its document. */
export const apiSchemas = {
  ...messageSchemas,
  Symbol: catalogEntrySchema,
  Snapshot: z.object({
    at: time.describe('Time of this reply, in milliseconds since the Unix epoch.'),
    channels: z.array(
      z.object({
        channel: channelSchema,
        position: positionSchema.nullable(),
        ageMs: z
          .number()
          .nullable()
          .describe("`at` minus the message's `pts`; below 0 when the producer's clock is ahead."),
        message: messageSchema.nullable(),
      }),
    ),
  }),
  History: z.object({
    channel: channelSchema,
    recovered: z
      .boolean()
      .describe('With `since`: whether everything published after it is here or, with `more`, follows.')
      .exactOptional(),
    position: positionSchema.nullable(),
    messages: z.array(messageSchema),
    more: z.boolean().describe('More messages follow the last one: ask again from its position.'),
  }),
  Candle: candleSchema,
  Candles: z.object({
    channel: channelSchema,
    interval: z.enum(periodNames),
    candles: z.array(candleSchema).describe('The oldest first; without those that had no trade.'),
  }),
  Publication: z.strictObject({
    channel: channelSchema.describe('A channel of your own (`CHANNELS`), or one of the producer.'),
    message: z
      .object({ type: z.string().describe('Django Channels dispatches on it: `price.alert` calls `price_alert`.') })
      .describe('Without `seq` and `epoch`: the server or the producer of the channel sets them.'),
  }),
  Published: z.object({
    channel: channelSchema,
    replayed: z.boolean().describe('Whether an earlier request published it.'),
    position: positionSchema.exactOptional(),
  }),
  Problem: z
    .object({
      type: z.enum(problemTypes.map(problemUri)).meta({ format: 'uri' }),
      title: z.string(),
      status: z.int(),
      detail: z.string(),
      channels: z.array(z.string()).exactOptional(),
    })
    .describe('RFC 9457.'),
} as const;
