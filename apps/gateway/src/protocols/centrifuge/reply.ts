import type { Publication } from '@tickwire/hub';
import type { ErrorReply } from './error-replies.js';

/** The answer to a client: the id of its command, and a result under the name of its request, or an error. */
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

/** Names and meanings are those of the protocol. Values that are zero, empty or false are left out. */
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
  /** For a client over HTTP: the id to send with further commands. */
  readonly session?: string;
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
  /** Position of the newest publication; if there are `publications`, of the one before the first of them. */
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
