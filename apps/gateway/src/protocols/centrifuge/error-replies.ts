import { closeCodes } from '@tickwire/protocol';
import type { RefusalReason } from '../../metrics/gateway-metrics.js';
import { DeadlineExceeded } from '../../timing/deadlines.js';
import { isAway } from '../consumer.js';

/**
 * The errors with which commands are answered. An SDK retries after a `temporary` one, with backoff. Any other error
 * ends that subscription, or the connection, for good: so `limitExceeded` never stands for temporary pressure.
 */
export interface ErrorReply {
  readonly code: number;
  readonly message: string;
  readonly temporary?: true;
}

export const errorReplies = {
  internal: { code: 100, message: 'internal server error', temporary: true },
  unavailable: { code: 100, message: closeCodes.unavailable.reason, temporary: true },
  late: { code: 100, message: 'no answer in time: try again', temporary: true },
  calledOff: { code: 100, message: 'canceled by an unsubscribe', temporary: true },
  unauthorized: { code: 101, message: 'unauthorized' },
  unknownChannel: { code: 102, message: 'unknown channel' },
  permissionDenied: { code: 103, message: 'permission denied' },
  methodNotFound: { code: 104, message: 'method not found' },
  alreadySubscribed: { code: 105, message: 'already subscribed' },
  limitExceeded: { code: 106, message: 'limit exceeded' },
  badRequest: { code: 107, message: 'bad request' },
  notAvailable: { code: 108, message: 'not available' },
  tokenExpired: { code: 109, message: 'token expired' },
  tooManyRequests: { code: 111, message: 'too many requests', temporary: true },
  unrecoverablePosition: { code: 112, message: 'unrecoverable position' },
} as const satisfies Record<string, ErrorReply>;

const refusalReasons: ReadonlyMap<number, RefusalReason> = new Map([
  [errorReplies.unknownChannel.code, 'unknown-channel'],
  [errorReplies.permissionDenied.code, 'permission'],
  [errorReplies.limitExceeded.code, 'channel-limit'],
]);

/** The limit under which a rejection is counted; undefined when no limit caused it. */
export const refusalReasonOf = ({ code }: ErrorReply): RefusalReason | undefined => refusalReasons.get(code);

/** A command is answered with an error; the connection continues. */
export class CommandRefused extends Error {
  override readonly name = 'CommandRefused';
  readonly code = 'COMMAND_REFUSED';
  readonly reply: ErrorReply;

  constructor(reply: ErrorReply, message: string = reply.message) {
    super(message);
    this.reply = message === reply.message ? reply : { ...reply, message };
  }
}

/** The reply to a command that failed here. */
export const failureReplyOf = (error: unknown): ErrorReply => {
  if (isAway(error)) return errorReplies.unavailable;
  return error instanceof DeadlineExceeded ? errorReplies.late : errorReplies.internal;
};
