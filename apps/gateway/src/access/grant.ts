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
