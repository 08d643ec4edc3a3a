import type { Hub, Session, WireFormat } from '@tickwire/hub';
import type { CloseCodes } from '@tickwire/protocol';
import type { Logger } from '@tickwire/runtime';
import type { Grant } from '../access/grant.js';
import type { SymbolCatalog } from '../catalog.js';
import type { GatewayConfig } from '../config.js';
import type { GatewayMetrics } from '../metrics/gateway-metrics.js';

/** What a consumer knows of the request that opened its connection, as a Channels scope. */
export interface Scope {
  readonly path: string;
  readonly query: URLSearchParams;
  /** Of the `Sec-WebSocket-Protocol` agreed on; '' without one. */
  readonly subprotocol: string;
  /** permessage-deflate was negotiated. */
  readonly isCompressed: boolean;
  /** What the client may do; everything, where the consumer checks tokens itself. */
  readonly grant: Grant;
  /** What came with the request, not looked at yet, for a consumer that checks tokens itself. */
  readonly token?: string;
}

/** The client of one connection, as its consumer sees it. */
export interface Client {
  readonly session: Session;
  /** Counts what it asks for, beside the message itself. False when it was closed for too many. */
  admit(commands: number): boolean;
  /** From now on it may ask for as much as this allows, where that is less than all may. */
  limitTo(grant: Grant): void;
  /** Sends a ping frame. At most 125 bytes. */
  ping(payload: Uint8Array): void;
}

/** What every consumer shares. */
export interface GatewayContext {
  /** The name of this gateway that clients receive. */
  readonly name: string;
  readonly hub: Hub;
  readonly catalog: SymbolCatalog;
  readonly config: GatewayConfig;
  readonly logger: Logger;
  readonly metrics: Pick<GatewayMetrics, 'refused'>;
}

/** Handles one connection, as a Channels consumer: connect, receive, disconnect. A rejected promise closes it with `serverError`. */
export interface Consumer {
  connect(): void | Promise<void>;
  /** A whole message. Called one at a time is not guaranteed while an earlier one is still awaited. */
  receive(data: string | Uint8Array): void | Promise<void>;
  /** A ping, answered already, or a pong. */
  control?(kind: 'ping' | 'pong', payload: Uint8Array): void;
  disconnect(): void;
}

/** One kind of consumer, named in the routing table. */
export interface ConsumerType {
  readonly name: string;
  /** Subprotocols it can speak, the preferred first. */
  readonly subprotocols?: readonly string[];
  /** Finds out itself whether its clients are there: the gateway's heartbeat leaves them alone. */
  readonly hasOwnHeartbeat?: boolean;
  /** Takes tokens in its own protocol, and ends its connections when they expire: no upgrade is rejected for its token. */
  readonly checksTokens?: boolean;
  /** The close codes and reasons that its clients receive. */
  readonly closeCodes: CloseCodes;
  format(scope: Scope): WireFormat;
  create(client: Client, scope: Scope): Consumer;
}
