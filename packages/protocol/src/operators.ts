import { z } from 'zod';
import type { Immutable } from './fields.js';
import { healthSchema } from './messages.js';

/** Bounds of what others report: nobody makes a page of a million rows. */
const name = z.string().max(200);
const text = z.string().max(500);
const count = z.number().min(0);
/** Milliseconds since 1970. */
const time = z.number();

const event = z.object({ at: time, until: time, kind: name, text, count });

const channel = z.object({
  channel: name,
  /** Who follows it: clients, and streams made of it. */
  users: count,
  /** Its messages may be late. */
  isStale: z.boolean(),
  /** Publications a second since an operator looked before; null at first sight. */
  rate: z.number().nullable(),
});

const session = z.object({
  id: name,
  /** Waits here for its socket. */
  outboxBytes: count,
  /** It fell behind and gets the newest only. */
  isConflated: z.boolean(),
  /** Its socket takes no bytes now. */
  isBlocked: z.boolean(),
  /** What it speaks. */
  format: name,
  streams: count,
  /** Names of the first few of them. */
  follows: z.array(name).max(3),
});

/** What a gateway reports of itself. */
export const gatewayStateSchema = z.object({
  id: name,
  name,
  at: time,
  startedAt: time,
  /** Why it is not ready; empty when it is. */
  reasons: z.array(text).max(20),
  connections: count,
  rssBytes: count,
  loopLagMs: count,
  /** Items handed to sockets since the start. */
  deliveries: count,
  /** Since an operator looked before; null at first sight. */
  deliveriesPerSecond: z.number().nullable(),
  /** Publications that are nowhere any more. */
  lost: count,
  channels: z.array(channel).max(100),
  slowest: z.array(session).max(20),
  /** Oldest first. */
  events: z.array(event).max(200),
});

const feed = z.object({
  name,
  /** Of its best stream. */
  state: healthSchema.shape.state,
  live: count,
  streams: count,
  since: time,
  /** The last stream that was not live, and why; kept when it is again. */
  trouble: z.object({ at: time, symbol: name, state: name, reason: text }).exactOptional(),
});

/** What a producer reports of itself. */
export const producerStateSchema = z.object({
  owner: name,
  isLeading: z.boolean(),
  /** Messages that wait for Redis. */
  buffered: count,
  published: count,
  /** Messages that went out of a full buffer. */
  overflowed: count,
  feeds: z.array(feed).max(100),
  /** Oldest first. */
  events: z.array(event).max(200),
});

/** A producer's state as a gateway heard it. */
export const heardProducerSchema = producerStateSchema.extend({
  at: time,
  /** Signed with the operators' token. Anybody who may publish to groups can make up what is not. */
  isVerified: z.boolean(),
});

/** What `/admin/api/status` answers. */
export const operatorViewSchema = z.object({
  at: time,
  /** The one that was asked comes first. */
  gateways: z.array(gatewayStateSchema),
  producers: z.array(heardProducerSchema),
});

export type GatewayState = Immutable<z.infer<typeof gatewayStateSchema>>;
export type ProducerState = Immutable<z.infer<typeof producerStateSchema>>;
export type HeardProducer = Immutable<z.infer<typeof heardProducerSchema>>;
export type OperatorView = Immutable<z.infer<typeof operatorViewSchema>>;

/** What an operator can order a gateway to do. */
export const adminActs = ['drain', 'disconnect'] as const;
export type AdminAct = (typeof adminActs)[number];
