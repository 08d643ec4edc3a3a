/** What a client may do, for as long as its connection lasts. */
export interface Grant {
  /** '' for one that gave no name. */
  readonly user: string;
  /** Channels it is subscribed to without asking, where its protocol knows such a thing. */
  readonly channels: readonly string[];
  /** When the connection expires, in milliseconds since the Unix epoch; never without it. */
  readonly expiresAtMs?: number;
  /** Told to a client of the Centrifuge protocol with the answer to its connect. */
  readonly data?: unknown;
  /** Fewer channels than `MAX_CHANNELS`. @default no limit of its own */
  readonly maxChannels?: number;
  /** Fewer commands than `COMMANDS_PER_SECOND`. @default no limit of its own */
  readonly commandsPerSecond?: number;
  /** Restricted to some channels: what shows many at once, without naming them, is not for it. @default false */
  readonly isRestricted?: boolean;
  maySubscribe(channel: string): boolean;
}

/** Every channel, for ever. */
export const anybody: Grant = { user: '', channels: [], maySubscribe: () => true };

/** The lower of what all may and what this one may. */
export const maxChannelsOf = (grant: Grant, configured: number): number =>
  Math.min(grant.maxChannels ?? configured, configured);
