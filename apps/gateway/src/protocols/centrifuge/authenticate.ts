import type { Access } from '../../access/access.js';
import { anybody, type Grant, TokenRefused } from '../../access/grant.js';
import { ProtocolViolation } from './close-reasons.js';
import type { ConnectRequest } from './command.js';
import { CommandRefused, errorReplies } from './error-replies.js';

/**
 * Decides about a connect, and about each new token of a client. `requestToken` came with the HTTP request; a token in
 * the command takes precedence.
 * @throws CommandRefused to answer with an error (after 109 `tokenExpired` the client reconnects with a new token),
 * ProtocolViolation to close with a code.
 */
export type Authenticate = (
  request: Pick<ConnectRequest, 'token'>,
  requestToken: string | undefined,
) => Grant | Promise<Grant>;

/** Accepts everybody, to every channel, without reading the token. */
export const acceptEverybody: Authenticate = () => anybody;

export const authenticateWith =
  (access: Access): Authenticate =>
  async ({ token }, requestToken) => {
    try {
      return await access.verify(token === '' ? requestToken : token);
    } catch (error) {
      throw error instanceof TokenRefused ? refusalOf(error) : error;
    }
  };

const refusalOf = ({ code, message }: TokenRefused): Error => {
  switch (code) {
    case 'missing':
      return new CommandRefused(errorReplies.unauthorized);
    case 'expired':
      return new CommandRefused(errorReplies.tokenExpired);
    case 'unavailable':
      return new CommandRefused(errorReplies.internal);
    case 'invalid':
      return new ProtocolViolation(message, 'invalidToken');
  }
};
