import { z } from 'zod';
import type { Immutable } from './fields.js';
import { healthSchema } from './messages.js';

/** Bounds on reports from others, so that a page cannot get a million rows. */
const name = z.string().max(200);
const text = z.string().max(500);
const count = z.number().min(0);
/** Milliseconds since 1970. */
const time = z.number();

const event = z.object({ at: time, until: time, kind: name, text, count });

const channel = z.object({
  channel: name,
  /** Number of followers: clients, and streams made from it. */
  users: count,
  /** Its messages may be late. */
  isStale: z.boolean(),
  /** Publications per second since an operator last looked; null the first time. */
  rate: z.number().nullable(),
});

const session = z.object({
  id: name,
  /** Bytes waiting here for its socket. */
  outboxBytes: count,
  /** It fell behind and receives only the newest. */
  isConflated: z.boolean(),
  /** Its socket accepts no bytes now. */
  isBlocked: z.boolean(),
  /** The format of its messages. */
  format: name,
  streams: count,
  /** Names of the first few channels it follows. */
  follows: z.array(name).max(3),
});

/** A gateway's report on itself. */
export const gatewayStateSchema = z.object({
  id: name,
  name,
  /** Its number among the workers of this name, from 1 on; absent for a gateway of one process. */
  worker: z.int().min(1).max(10_000).exactOptional(),
  at: time,
  startedAt: time,
  /** Why it is not ready; empty when it is ready. */
  reasons: z.array(text).max(20),
  connections: count,
  rssBytes: count,
  loopLagMs: count,
  /** Items handed to sockets since the start. */
  deliveries: count,
  /** Rate since an operator last looked; null the first time. */
  deliveriesPerSecond: z.number().nullable(),
  /** Publications that can no longer be found anywhere. */
  lost: count,
  channels: z.array(channel).max(100),
  slowest: z.array(session).max(20),
  /** Oldest first. */
  events: z.array(event).max(200),
});

const feed = z.object({
  name,
  /** The state of its best stream. */
  state: healthSchema.shape.state,
  live: count,
  streams: count,
  since: time,
  /** The last stream that was not live, and the reason; kept after it is live again. */
  trouble: z.object({ at: time, symbol: name, state: name, reason: text }).exactOptional(),
});

/** A producer's report on itself. */
export const producerStateSchema = z.object({
  owner: name,
  isLeading: z.boolean(),
  /** Messages waiting for Redis. */
  buffered: count,
  published: count,
  /** Messages dropped from a full buffer. */
  overflowed: count,
  /** Channels on which it cannot publish now, while it can on others: the first of them. */
  setAside: z.array(name).max(1_000).exactOptional(),
  feeds: z.array(feed).max(100),
  /** Oldest first. */
  events: z.array(event).max(200),
});

/** A producer's state as a gateway received it. */
const heardProducerSchema = producerStateSchema.extend({
  at: time,
  /** Signed with the operators' token. Anyone who may publish to groups can forge an unsigned one. */
  isVerified: z.boolean(),
});

/** The response of `/admin/api/status`. */
export const operatorViewSchema = z.object({
  at: time,
  /** The gateway that answers comes first. */
  gateways: z.array(gatewayStateSchema),
  producers: z.array(heardProducerSchema),
});

export type GatewayState = Immutable<z.infer<typeof gatewayStateSchema>>;
export type ProducerState = Immutable<z.infer<typeof producerStateSchema>>;
export type HeardProducer = Immutable<z.infer<typeof heardProducerSchema>>;
export type OperatorView = Immutable<z.infer<typeof operatorViewSchema>>;

/** Orders that an operator can send to a gateway. */
export const adminActs = ['drain', 'disconnect'] as const;
export type AdminAct = (typeof adminActs)[number];
