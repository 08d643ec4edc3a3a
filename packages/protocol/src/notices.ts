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

/** What the plain JSON socket sends beside publications, by the names the documents give it. */
export const noticeSchemas = {
  Subscribed: z.object({ type: z.literal('channel.subscribed'), channel: channelSchema, position }),
  Unsubscribed: z.object({ type: z.literal('channel.unsubscribed'), channel: channelSchema }),
  /** The name as it was asked for, cut to the length of a channel: it need not be one. */
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
    resumed: positionSchema.describe('The first position behind it.'),
  }),
  Stale: z.object({ type: z.literal('channel.stale'), channel: channelSchema }),
  Live: z.object({ type: z.literal('channel.live'), channel: channelSchema }),
  Error: z.object({ type: z.literal('error'), reason }),
} as const;

/** What the plain JSON socket sends every second. Its price is a number, as the first page of its kind had it. */
export const currentPriceSchema = z
  .object({ price: z.number(), ts: time, venue, symbol })
  .describe('Every second, without being asked.');

export type Notice = Immutable<z.infer<(typeof noticeSchemas)[keyof typeof noticeSchemas]>>;
