import type { CloseCodes, CloseReason } from '@tickwire/protocol';

/** Centrifugo's own codes, so that its SDKs act on them: they reconnect after 3000-3499, and not after 3500-3999. */
export const centrifugeCloseCodes = {
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
  unknownChannel: { code: 3501, reason: 'bad request' },
  unknownSymbol: { code: 3501, reason: 'bad request' },
  stale: { code: 3502, reason: 'stale' },
  forceDisconnect: { code: 3503, reason: 'force disconnect' },
  channelLimit: { code: 3505, reason: 'channel limit' },
  permissionDenied: { code: 3507, reason: 'permission denied' },
  notAvailable: { code: 3508, reason: 'not available' },
  noPricesYet: { code: 3004, reason: 'internal server error' },
} as const satisfies CloseCodes;

/** A client broke the protocol. The message is for the client's log. */
export class ProtocolViolation extends Error {
  override readonly name = 'ProtocolViolation';
  readonly code = 'PROTOCOL_VIOLATION';
  readonly closeReason: CloseReason;

  constructor(message: string, closeReason: CloseReason = 'badRequest') {
    super(`${centrifugeCloseCodes[closeReason].reason}: ${message}`);
    this.closeReason = closeReason;
  }
}
