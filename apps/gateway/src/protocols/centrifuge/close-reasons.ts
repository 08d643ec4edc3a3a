import { type CloseCodes, type CloseReason, closeCodes } from '@tickwire/protocol';

/**
 * Centrifugo's own codes, so that its SDKs act on them: they reconnect after 3000-3499, and not after 3500-3999. Plain
 * JSON has the same, but for 1013 and three of its own above 4000.
 */
export const centrifugeCloseCodes: CloseCodes = {
  ...closeCodes,
  unavailable: { code: closeCodes.serverError.code, reason: closeCodes.unavailable.reason },
  noPricesYet: closeCodes.serverError,
  unknownSymbol: closeCodes.badRequest,
  unknownChannel: closeCodes.badRequest,
};

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
