import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Hub } from '@tickwire/hub';
import { createStateLog, type Logger } from '@tickwire/runtime';
import { type WebSocket, WebSocketServer } from 'ws';
import type { GatewayConfig } from '../config.js';
import { clientAddress } from '../limits/client-address.js';
import type { GatewayMetrics } from '../metrics/gateway-metrics.js';
import type { ClientLives } from '../protocols/client-lives.js';
import { type ConsumerType, isAway, type Scope } from '../protocols/consumer.js';
import type { Expiries } from '../timing/expiries.js';
import type { MessageQueue } from '../timing/message-queue.js';
import { createWheel, type Wheel } from '../timing/wheel.js';
import { type ConnectionHost, WebSocketConnection } from './connection.js';
import { acceptableOffers } from './deflate-offers.js';
import { createSocketEvents, type SocketEventsOptions } from './socket-events.js';

/** The known facts about a client before it connects. */
export interface Entry extends Pick<Scope, 'grant' | 'token'> {
  readonly url: URL;
}

/**
 * What Node hands over with an upgrade: the request, its bare socket, and the first bytes that followed the request.
 */
export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

export interface WebSocketGate {
  /** Answers an upgrade that was routed to this type of consumer. */
  accept(type: ConsumerType, upgrade: Upgrade, entry: Entry): void;
  close(): void;
}

/** How long a client may take to answer a close before its socket is cut. */
const closeTimeoutMs = 5_000;

export interface WebSocketGateOptions {
  readonly hub: Pick<Hub, 'openSession'>;
  readonly config: GatewayConfig;
  readonly logger: Logger;
  readonly expiries: Expiries;
  readonly metrics: Pick<GatewayMetrics, 'refused'>;
  readonly lives: Pick<ClientLives, 'opened' | 'closed' | 'note'>;
  readonly messages: Pick<MessageQueue, 'run' | 'forget'>;
  /** Milliseconds that never go back. @default performance.now */
  readonly now?: () => number;
}

export const createWebSocketGate = (options: WebSocketGateOptions): WebSocketGate => {
  const { hub, config, logger, expiries, metrics, lives, messages, now = () => performance.now() } = options;
  const { maxChannels, limits } = config;
  const connections = new Set<WebSocketConnection>();
  const host: ConnectionHost = {
    hub,
    now,
    onTooManyCommands: () => metrics.refused('commands'),
    limits: { maxChannels, commandsPerSecond: limits.commandsPerSecond },
  };
  const failures = createStateLog({ logger, trouble: 'consumers failed' });
  const heartbeat = createHeartbeat(config.pingMs, ({ session }) => {
    lives.note(session, 'client answered no ping');
    session.disconnected('noPong');
  });
  const serverOptions = {
    noServer: true,
    clientTracking: false,
    maxPayload: config.maxPayloadBytes,
    closeTimeout: closeTimeoutMs,
    // Its own limit on pings without a pong ends in a reset without a reason: see onPing.
    autoPong: false,
    perMessageDeflate: config.compression && {
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
      concurrencyLimit: 4,
    },
  };
  const servers = new Map<ConsumerType, WebSocketServer>();

  /** `ws` decides on subprotocols per server, and types of consumers differ in them. */
  const serverOf = (type: ConsumerType): WebSocketServer => {
    const known = servers.get(type);
    if (known !== undefined) return known;
    const server = new WebSocketServer({
      ...serverOptions,
      handleProtocols: (offered) => type.subprotocols?.find((protocol) => offered.has(protocol)) ?? false,
    });
    servers.set(type, server);
    return server;
  };

  const open = (type: ConsumerType, ws: WebSocket, socket: Duplex, address: string, entry: Entry): void => {
    const { url, grant, token } = entry;
    const scope: Scope = {
      path: url.pathname,
      query: url.searchParams,
      address,
      subprotocol: ws.protocol,
      isCompressed: ws.extensions.includes('permessage-deflate'),
      grant,
      ...(token !== undefined && { token }),
    };
    const { closeCodes } = type;
    const connection = new WebSocketConnection({ host, ws, socket, grant, closeCodes, format: type.format(scope) });
    connections.add(connection);
    lives.opened(connection.session, scope.path);
    if (grant.expiresAtMs !== undefined) {
      connection.endExpiry = expiries.add(grant.expiresAtMs, () => connection.session.close('expired'));
    }
    if (type.hasOwnHeartbeat !== true) heartbeat.add(connection);
    listen(connection, socket);
    connection.consumer = type.create(connection, scope);
    guard(connection, () => connection.consumer?.connect());
  };

  /** A consumer that fails closes only its own connection. An outage is logged where it happens, not per client. */
  const guard: SocketEventsOptions['guard'] = (connection, act) => {
    const fail = (error: unknown): void => {
      const away = isAway(error);
      if (away) logger.debug({ err: error }, 'client closed: Redis is unreachable');
      else failures.failed({ err: error });
      connection.session.close(away ? 'unavailable' : 'serverError');
    };
    try {
      const result = act();
      if (result !== undefined) result.catch(fail);
    } catch (error) {
      fail(error);
    }
  };

  const listen = createSocketEvents({
    lives,
    messages,
    metrics,
    guard,
    onClosed(connection) {
      connections.delete(connection);
      heartbeat.remove(connection);
    },
  });

  return {
    accept(type, { request, socket, head }, entry) {
      // centrifuge-python sends an empty header, which `ws` would answer with 400.
      if (request.headers['sec-websocket-protocol'] === '') delete request.headers['sec-websocket-protocol'];
      const offers = acceptableOffers(request.headers['sec-websocket-extensions']);
      if (offers === undefined) delete request.headers['sec-websocket-extensions'];
      else request.headers['sec-websocket-extensions'] = offers;
      const address = clientAddress(request, limits.trustProxy);
      serverOf(type).handleUpgrade(request, socket, head, (ws) => open(type, ws, socket, address, entry));
    },
    close() {
      for (const server of servers.values()) server.close();
    },
  };
};

/** Pings every connection once per interval and ends those that have not responded since the ping before. */
const createHeartbeat = (
  intervalMs: number,
  onTimeout: (connection: WebSocketConnection) => void,
): Wheel<WebSocketConnection> => {
  let pings = 0;
  return createWheel({
    intervalMs,
    visit(connection) {
      if (connection.isAlive) {
        connection.isAlive = false;
        pings += 1;
        connection.ping(Buffer.from(String(pings)));
      } else {
        onTimeout(connection);
        connection.ws.terminate();
      }
    },
  });
};
