import type { Hub, Session, WireFormat } from '@tickwire/hub';
import type { CloseCodes } from '@tickwire/protocol';
import type { Logger } from '@tickwire/runtime';
import type { Grant } from '../access/grant.js';
import type { SymbolCatalog } from '../catalog.js';
import type { GatewayConfig } from '../config.js';
import type { GatewayMetrics } from '../metrics/gateway-metrics.js';

export { isAway } from '../retrying-taps.js';

/** The request that opened a connection, as its consumer sees it; a Channels scope. */
export interface Scope {
  readonly path: string;
  readonly query: URLSearchParams;
  /** The client's address, as limits count it. */
  readonly address: string;
  /** The agreed `Sec-WebSocket-Protocol`; '' if there is none. */
  readonly subprotocol: string;
  /** permessage-deflate was negotiated. */
  readonly isCompressed: boolean;
  /** What the client may do; everything, if the consumer checks tokens itself. */
  readonly grant: Grant;
  /** The token of the request, unchecked, for a consumer that checks tokens itself. */
  readonly token?: string;
}

/** The client of one connection, as its consumer sees it. */
export interface Client {
  readonly session: Session;
  /** Counts requests of the client, beside the message itself. Returns false if the client was closed for too many. */
  admit(commands: number): boolean;
  /** From now on the client may send as many requests as this allows, if that is less than the general limit. */
  limitTo(grant: Grant): void;
  /** Sends a ping frame. At most 125 bytes. */
  ping(payload: Uint8Array): void;
}

/** Shared by all consumers. */
export interface GatewayContext {
  /** The name of this gateway that clients receive. */
  readonly name: string;
  readonly hub: Hub;
  readonly catalog: SymbolCatalog;
  /** Why a part of Redis cannot be reached; undefined while all of it can. */
  readonly layerLoss: { readonly reason: string | undefined };
  readonly config: GatewayConfig;
  readonly logger: Logger;
  readonly metrics: Pick<GatewayMetrics, 'refused'>;
}

/**
 * Handles one connection, as a Channels consumer: connect, receive, disconnect. A rejected promise closes it with
 * `unavailable` while Redis cannot be reached, else with `serverError`.
 */
export interface Consumer {
  connect(): void | Promise<void>;
  /** A whole message. It may be called while an earlier call is still pending. */
  receive(data: string | Uint8Array): void | Promise<void>;
  /** A pong, or a ping that has already been answered. */
  control?(kind: 'ping' | 'pong', payload: Uint8Array): void;
  disconnect(): void;
}

/** One kind of consumer, named in the routing table. */
export interface ConsumerType {
  readonly name: string;
  /** Subprotocols that it speaks, the preferred one first. */
  readonly subprotocols?: readonly string[];
  /** It checks its clients itself: the gateway's heartbeat does not ping them. */
  readonly hasOwnHeartbeat?: boolean;
  /**
   * It checks tokens in its own protocol and ends connections when tokens expire: no upgrade is rejected for its token.
   */
  readonly checksTokens?: boolean;
  /** The close codes and reasons that its clients receive. */
  readonly closeCodes: CloseCodes;
  format(scope: Scope): WireFormat;
  create(client: Client, scope: Scope): Consumer;
}

/** One line of the routing table: the first whose path matches takes the connection. */
export interface Route {
  /** Exact, or a pattern over the whole decoded path. */
  readonly path: string | RegExp;
  readonly consumer: ConsumerType;
}

/** The consumer for a path, as Channels' URLRouter finds it. */
export const findConsumer = (routes: readonly Route[], path: string): ConsumerType | undefined =>
  routes.find((route) => (typeof route.path === 'string' ? route.path === path : route.path.test(path)))?.consumer;
