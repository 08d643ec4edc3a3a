import { type CloseCodes, closeCodes } from '@tickwire/protocol';

const policyViolation = 1008;

/**
 * As Binance closes: 1001 when a server leaves, 1008 where a client is at fault, and 1011 for what fails here; 1013 is
 * RFC 6455's "try again later".
 */
export const binanceCloseCodes = {
  shutdown: { code: 1001, reason: 'going away' },
  unavailable: closeCodes.unavailable,
  serverError: { code: 1011, reason: 'Internal error' },
  noPricesYet: { code: 1011, reason: 'Internal error' },
  insufficientState: { code: 1011, reason: 'Internal error' },
  expired: { code: policyViolation, reason: 'Expired' },
  slow: { code: policyViolation, reason: 'Too slow' },
  noPong: { code: policyViolation, reason: 'Pong timeout' },
  tooManyRequests: { code: policyViolation, reason: 'Too many requests' },
  channelLimit: { code: policyViolation, reason: 'Too many streams' },
  stateInvalidated: { code: policyViolation, reason: 'Disconnected' },
  stale: { code: policyViolation, reason: 'Disconnected' },
  forceDisconnect: { code: policyViolation, reason: 'Disconnected' },
  invalidToken: { code: policyViolation, reason: 'Unauthorized' },
  permissionDenied: { code: policyViolation, reason: 'Unauthorized' },
  badRequest: { code: policyViolation, reason: 'Invalid request' },
  notAvailable: { code: policyViolation, reason: 'Invalid request' },
  unknownChannel: { code: policyViolation, reason: 'Invalid request' },
  unknownSymbol: { code: policyViolation, reason: 'Invalid request' },
} as const satisfies CloseCodes;
