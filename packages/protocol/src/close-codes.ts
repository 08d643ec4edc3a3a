/** Why we close a connection. Each protocol turns these words into its own numbers. */
export type CloseReason =
  | 'badRequest'
  | 'channelLimit'
  | 'expired'
  | 'forceDisconnect'
  | 'insufficientState'
  | 'invalidToken'
  | 'noPong'
  | 'noPricesYet'
  | 'notAvailable'
  | 'permissionDenied'
  | 'serverError'
  | 'shutdown'
  | 'slow'
  | 'stale'
  | 'stateInvalidated'
  | 'tooManyRequests'
  | 'unavailable'
  | 'unknownChannel'
  | 'unknownSymbol';

/** The code and reason of a WebSocket's close frame. */
export interface CloseCode {
  readonly code: number;
  /** At most 123 bytes of UTF-8, the limit of a close frame. */
  readonly reason: string;
}

export type CloseCodes = Readonly<Record<CloseReason, CloseCode>>;

/**
 * The numbers of the plain JSON socket. The range says what a client does: it reconnects, with backoff, after 1001,
 * 1012, 1013, 3000-3499 and 4000-4499, and does not reconnect after 3500-3999 and 4500-4999. Those below 4000 are
 * Centrifugo's.
 */
export const closeCodes = {
  unavailable: { code: 1013, reason: 'Redis is unreachable: try again' },
  shutdown: { code: 3001, reason: 'shutdown' },
  serverError: { code: 3004, reason: 'internal server error' },
  expired: { code: 3005, reason: 'expired' },
  slow: { code: 3008, reason: 'slow' },
  insufficientState: { code: 3010, reason: 'insufficient state' },
  noPong: { code: 3012, reason: 'no pong' },
  tooManyRequests: { code: 3013, reason: 'too many requests' },
  stateInvalidated: { code: 3014, reason: 'state invalidated' },
  invalidToken: { code: 3500, reason: 'invalid token' },
  badRequest: { code: 3501, reason: 'bad request' },
  stale: { code: 3502, reason: 'stale' },
  forceDisconnect: { code: 3503, reason: 'force disconnect' },
  channelLimit: { code: 3505, reason: 'channel limit' },
  permissionDenied: { code: 3507, reason: 'permission denied' },
  notAvailable: { code: 3508, reason: 'not available' },
  noPricesYet: { code: 4004, reason: 'no prices yet' },
  unknownSymbol: { code: 4504, reason: 'unknown symbol' },
  unknownChannel: { code: 4504, reason: 'unknown channel' },
} as const satisfies CloseCodes;

/**
 * Returns the content of a close frame: the number of the reason, and the detail instead of its text if there is one.
 */
export const closeCodeOf = (codes: CloseCodes, reason: CloseReason, detail?: string): CloseCode =>
  detail === undefined ? codes[reason] : withReason(codes[reason], detail);

/** The most bytes of UTF-8 that fit in a close frame beside its code (RFC 6455, 5.5). */
const maxCloseReasonBytes = 123;

/** A code of the table with another reason, cut to fit a close frame without splitting a character. */
export const withReason = (closeCode: CloseCode, reason: string): CloseCode => {
  const bytes = new TextEncoder().encode(reason);
  if (bytes.length <= maxCloseReasonBytes) return { code: closeCode.code, reason };
  // A character cut in two decodes to the replacement character.
  const cut = new TextDecoder().decode(bytes.subarray(0, maxCloseReasonBytes)).replace(/\uFFFD+$/, '');
  return { code: closeCode.code, reason: cut };
};
