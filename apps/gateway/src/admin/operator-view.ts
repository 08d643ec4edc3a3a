import { z } from 'zod';

/** Bounds of what others tell: nobody makes a page of a million rows. */
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
  /** What it tells may be late. */
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

/** What a gateway tells of itself. */
export const gatewayState = z.object({
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
  state: z.enum(['live', 'resync', 'stale', 'down']),
  live: count,
  streams: count,
  since: time,
  /** The last stream that was not live, and why; kept when it is again. */
  trouble: z.object({ at: time, symbol: name, state: name, reason: text }).optional(),
});

/** What a producer tells of itself. */
export const producerState = z.object({
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

export type GatewayState = z.infer<typeof gatewayState>;
export type ProducerState = z.infer<typeof producerState>;

export type ToldProducer = ProducerState & {
  readonly at: number;
  /** Signed with the operators' token. Anybody who may publish to groups can tell what is not. */
  readonly isVerified: boolean;
};

/** What `/admin/api/status` answers. */
export interface OperatorView {
  readonly at: number;
  /** The one that was asked comes first. */
  readonly gateways: readonly GatewayState[];
  readonly producers: readonly ToldProducer[];
}

/** What an operator can tell a gateway to do. */
export const adminActs = ['drain', 'disconnect'] as const;
export type AdminAct = (typeof adminActs)[number];
