import type { ConnectRequest } from './command.js';

/** What a client may do, for as long as its connection lasts. */
export interface Grant {
  /** '' for one that gave no name. */
  readonly user: string;
  /** Channels it is subscribed to without asking. */
  readonly channels: readonly string[];
  /** When the connection expires, in milliseconds since the Unix epoch; never without it. */
  readonly expiresAtMs?: number;
  /** Told to the client with the answer to its connect. */
  readonly data?: unknown;
  maySubscribe(channel: string): boolean;
}

/**
 * Decides on a connect. @throws CommandRefused to answer with an error (109 `tokenExpired` has the client come back
 * with a new token), ProtocolViolation to close with a code.
 */
export type Authenticate = (request: ConnectRequest) => Grant | Promise<Grant>;

const anybody: Grant = { user: '', channels: [], maySubscribe: () => true };

/** Accepts everybody, to every channel; a token is not looked at. */
export const acceptEverybody: Authenticate = () => anybody;
