import { z } from 'zod';
import { channelKinds, groupForm } from './channel-names.js';
import { type Immutable, positionSchema, symbol, time, venue } from './fields.js';

export const channelSchema = z
  .string()
  .regex(groupForm)
  .meta({
    description: `\`<kind>.<venue>.<symbol>\`; kinds: ${channelKinds.join(', ')}.`,
    examples: ['trade.sim.BTC-USD'],
  });

const reason = z.string();
const position = positionSchema.exactOptional();

/** Messages that the plain JSON socket sends beside publications, by their names in the documents. */
export const noticeSchemas = {
  Subscribed: z.object({ type: z.literal('channel.subscribed'), channel: channelSchema, position }),
  Unsubscribed: z.object({ type: z.literal('channel.unsubscribed'), channel: channelSchema }),
  /** The requested name, cut to the length of a channel name: it may not be a valid one. */
  Refused: z.object({ type: z.literal('channel.refused'), channel: z.string(), reason }),
  Recovered: z.object({
    type: z.literal('channel.recovered'),
    channel: channelSchema,
    recovered: z.boolean(),
    position,
  }),
  Lost: z.object({
    type: z.literal('channel.lost'),
    channel: channelSchema,
    after: positionSchema.describe('The last position before the loss.').exactOptional(),
    resumed: positionSchema.describe('The first position after the loss.'),
  }),
  Stale: z.object({ type: z.literal('channel.stale'), channel: channelSchema }),
  Live: z.object({ type: z.literal('channel.live'), channel: channelSchema }),
  Error: z.object({ type: z.literal('error'), reason }),
} as const;

/** Sent by the plain JSON socket every second. The price is a number, as in the first version of this socket. */
export const currentPriceSchema = z
  .object({ price: z.number(), ts: time, venue, symbol })
  .describe('Sent every second, without a subscription.');

export type Notice = Immutable<z.infer<(typeof noticeSchemas)[keyof typeof noticeSchemas]>>;
