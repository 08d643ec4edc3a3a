import type { Publication } from '@tickwire/hub';
import type { ErrorReply } from './error-replies.js';

/** What a client is answered: the id of its command and a result named as its request, or an error. */
export interface Reply {
  readonly id: number;
  readonly error?: ErrorReply;
  readonly connect?: ConnectResult;
  readonly subscribe?: SubscribeResult;
  readonly unsubscribe?: object;
  readonly presence_stats?: PresenceStatsResult;
  readonly history?: HistoryResult;
  readonly ping?: object;
  readonly refresh?: RefreshResult;
}

/** Names and meanings are those of the protocol; what is zero, empty or false is left out. */
export interface ConnectResult {
  readonly client: string;
  readonly version: string;
  readonly expires?: true;
  /** Seconds. */
  readonly ttl?: number;
  readonly data?: unknown;
  readonly subs?: Readonly<Record<string, SubscribeResult>>;
  /** Seconds between pings. */
  readonly ping: number;
  /** The client must answer pings. */
  readonly pong?: true;
  /** The gateway's name. */
  readonly node?: string;
}

export interface RefreshResult {
  readonly client: string;
  readonly version: string;
  readonly expires?: true;
  /** Seconds. */
  readonly ttl?: number;
}

export interface SubscribeResult {
  readonly recoverable?: true;
  readonly positioned?: true;
  readonly epoch?: string;
  readonly publications?: readonly Publication[];
  readonly recovered?: true;
  /** The newest publication's; where there are `publications`, the one before the first of them. */
  readonly offset?: number;
  readonly was_recovering?: true;
}

export interface PresenceStatsResult {
  readonly num_clients: number;
  readonly num_users: number;
}

export interface HistoryResult {
  readonly publications: readonly Publication[];
  readonly epoch: string;
  readonly offset: number;
}
