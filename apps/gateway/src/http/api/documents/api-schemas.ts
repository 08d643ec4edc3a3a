import { catalogEntrySchema, channelSchema, positionSchema, time } from '@tickwire/protocol';
import { z } from 'zod';
import { problemTypes, problemUri } from '../problem.js';
import { messageSchema, messageSchemas } from './message-schemas.js';

/** What `/api` takes and answers, by the names its document gives it. */
export const apiSchemas = {
  ...messageSchemas,
  Symbol: catalogEntrySchema,
  Snapshot: z.object({
    at: time.describe('When this was answered. Milliseconds since the Unix epoch.'),
    channels: z.array(
      z.object({
        channel: channelSchema,
        position: positionSchema.nullable(),
        ageMs: z
          .number()
          .nullable()
          .describe("`at` less the message's `pts`; below 0 where the producer's clock is ahead."),
        message: messageSchema.nullable(),
      }),
    ),
  }),
  History: z.object({
    channel: channelSchema,
    recovered: z
      .boolean()
      .describe('With `since`: whether all that was published after it is here or, with `more`, follows.')
      .exactOptional(),
    position: positionSchema.nullable(),
    messages: z.array(messageSchema),
    more: z.boolean().describe('There is more after the last one: ask again from there.'),
  }),
  Publication: z.strictObject({
    channel: channelSchema.describe("A channel of your own (`CHANNELS`), or of the producer's."),
    message: z
      .object({ type: z.string().describe('What Channels dispatches on: `price.alert` calls `price_alert`.') })
      .describe('Without `seq` and `epoch`, which the server or the producer of a channel gives.'),
  }),
  Published: z.object({
    channel: channelSchema,
    replayed: z.boolean().describe('An earlier request did it.'),
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
