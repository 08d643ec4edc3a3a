import { type CloseCode, closeCodes, withReason } from '@tickwire/protocol';

/** An asynchronous message (`send`) has no reply, so refusing it ends the connection, as the protocol has it. */
export const notAvailable: CloseCode = { code: 3508, reason: 'not available' };

/** A client that breaks the protocol. The reason is for whoever reads its log. */
export class ProtocolViolation extends Error {
  override readonly name = 'ProtocolViolation';
  readonly code = 'PROTOCOL_VIOLATION';
  readonly closeCode: CloseCode;

  constructor(reason: string, closeCode: CloseCode = closeCodes.badRequest) {
    super(reason);
    this.closeCode = withReason(closeCode, `${closeCode.reason}: ${reason}`);
  }
}
