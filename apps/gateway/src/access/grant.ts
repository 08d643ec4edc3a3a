/** What a client may do while its connection lasts. */
export interface Grant {
  /** '' for a client without a name. */
  readonly user: string;
  /** Channels it is subscribed to automatically, if its protocol supports that. */
  readonly channels: readonly string[];
  /** When the connection expires, in milliseconds since the Unix epoch; undefined: never. */
  readonly expiresAtMs?: number;
  /** Sent to a client of the Centrifuge protocol in the answer to its connect. */
  readonly data?: unknown;
  /** Fewer channels than `MAX_CHANNELS`. @default no separate limit */
  readonly maxChannels?: number;
  /** Fewer commands than `COMMANDS_PER_SECOND`. @default no separate limit */
  readonly commandsPerSecond?: number;
  /** Restricted to some channels: requests that show many channels without naming them are forbidden. @default false */
  readonly isRestricted?: boolean;
  maySubscribe(channel: string): boolean;
}

/** Every channel, without an end. */
export const anybody: Grant = { user: '', channels: [], maySubscribe: () => true };

/** Returns the lower of the common limit and this client's limit. */
export const maxChannelsOf = (grant: Grant, configured: number): number =>
  Math.min(grant.maxChannels ?? configured, configured);

/** Why a token was rejected: `unavailable` is temporary and says nothing about the token. */
export type TokenProblem = 'missing' | 'invalid' | 'expired' | 'unavailable';

/** The message never holds any part of the token. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
  readonly code: TokenProblem;

  constructor(code: TokenProblem, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
