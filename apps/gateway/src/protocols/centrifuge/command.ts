import { z } from 'zod';
import { ProtocolViolation } from './close-reasons.js';

/** Absent, null and empty mean the same, as in Protobuf. */
export const optionalText = z
  .string()
  .nullish()
  .transform((value) => value ?? '');
export const optionalFlag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);
const whole = (min: number, max: number) =>
  z
    .int()
    .min(min)
    .max(max)
    .nullish()
    .transform((value) => value ?? 0);
const uint32 = whole(0, 2 ** 32 - 1);
/** An unsigned 64-bit number on the wire. No position is beyond what a number holds exactly. */
const uint64 = whole(0, Number.MAX_SAFE_INTEGER);
const int32 = whole(-(2 ** 31), 2 ** 31 - 1);
const free = z.unknown().optional();

const channel = z.object({ channel: optionalText });

const subscribe = z.object({
  channel: optionalText,
  token: optionalText,
  recover: optionalFlag,
  epoch: optionalText,
  offset: uint64,
  data: free,
  tf: free,
  flag: int32,
  type: int32,
});

const connect = z.object({
  token: optionalText,
  data: free,
  subs: z
    .record(z.string(), subscribe)
    .nullish()
    .transform((value) => value ?? {}),
  name: optionalText,
  version: optionalText,
});

const history = z.object({
  channel: optionalText,
  limit: int32,
  since: z.object({ offset: uint64, epoch: optionalText }).nullish(),
  reverse: optionalFlag,
});

const command = z.object({
  id: uint32,
  connect: connect.nullish(),
  subscribe: subscribe.nullish(),
  unsubscribe: channel.nullish(),
  publish: z.object({}).nullish(),
  presence: z.object({}).nullish(),
  presence_stats: channel.nullish(),
  history: history.nullish(),
  ping: z.object({}).nullish(),
  send: z.object({}).nullish(),
  rpc: z.object({}).nullish(),
  refresh: z.object({ token: optionalText }).nullish(),
  sub_refresh: z.object({}).nullish(),
});

/**
 * A client's command: an id and one request. If there are several requests, the first in the order of this type counts.
 */
export type Command = z.infer<typeof command>;
export type ConnectRequest = z.infer<typeof connect>;
export type SubscribeRequest = z.infer<typeof subscribe>;
export type HistoryRequest = z.infer<typeof history>;

/** Commands in one frame: more than any client has channels. */
export const maxCommands = 2_048;

/** With this flag a subscription that cannot be recovered is rejected with error 112. */
export const rejectUnrecoveredFlag = 2;

/** @throws ProtocolViolation when it is not a command, or a field does not have the schema's type. */
export const parseCommand = (value: unknown): Command => parse(command, value);

/** @throws ProtocolViolation */
export const parseConnectRequest = (value: unknown): ConnectRequest => parse(connect, value);

const parse = <T>(schema: z.ZodType<T>, value: unknown): T => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ProtocolViolation(`${issue?.path.map(String).join('.') || 'command'}: ${issue?.message ?? 'malformed'}`);
};

/** The answer to a ping: a command without an id and a request. */
export const isPong = ({ id, ...requests }: Command): boolean =>
  id === 0 && Object.values(requests).every((request) => request === undefined || request === null);
