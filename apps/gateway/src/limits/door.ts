import type { IncomingMessage } from 'node:http';
import type { Logger } from '@tickwire/runtime';
import { createOriginRules, isHostAllowed } from '../access/origins.js';
import type { GatewayMetrics, RefusalReason } from '../metrics/gateway-metrics.js';
import type { Overload } from '../readiness/overload.js';
import { clientAddress } from './client-address.js';
import type { LimitsConfig } from './limits-config.js';
import { createSeats, type SeatRefusal, type Seats } from './seats.js';

/** Why a client may not connect, as an HTTP answer. */
export interface DoorRefusal {
  readonly reason: RefusalReason;
  readonly status: 403 | 421 | 503;
  readonly error: string;
  /** For a temporary reason. */
  readonly retryAfterSeconds?: number;
}

/** Holds no part of the request, because it lives as long as the client. */
export type Leave = () => void;

/** Every client that stays passes here: WebSockets and event streams. */
export interface Door {
  readonly connections: number;
  /**
   * Returns a refusal, or counts the client in and returns a function that counts it out; further calls do nothing. A
   * promise where another process counts: the client may be gone when it resolves.
   */
  enter(request: IncomingMessage): DoorRefusal | Leave | Promise<DoorRefusal | Leave>;
  /** Checks any request for a foreign host name. */
  checkHost(request: IncomingMessage): DoorRefusal | undefined;
}

export interface DoorOptions {
  readonly limits: LimitsConfig;
  readonly overload: Pick<Overload, 'reason'>;
  readonly isDraining: () => boolean;
  readonly metrics: Pick<GatewayMetrics, 'refused'>;
  readonly logger: Pick<Logger, 'warn'>;
  /** @default counted here, within `limits` */
  readonly seats?: Seats;
  /** Clients that this process has room for, whatever the seats. @default any number */
  readonly maxHere?: number;
  /** From 0 up to, but not including, 1. @default Math.random */
  readonly random?: () => number;
}

/** Clients rejected together reconnect spread over this many seconds. */
const maxRetryAfterSeconds = 5;

export const createDoor = (options: DoorOptions): Door => {
  const {
    limits,
    overload,
    isDraining,
    metrics,
    logger,
    seats = createSeats({ limits }),
    maxHere = Number.POSITIVE_INFINITY,
    random = Math.random,
  } = options;
  const { maxConnections, maxConnectionsPerIp, connectsPerSecond, trustProxy } = limits;
  const origins = createOriginRules(limits.allowedOrigins);
  const corsOrigins = limits.corsOrigins && createOriginRules(limits.corsOrigins);
  let connections = 0;
  let isProxySeen = trustProxy > 0;

  /** A setting may be missing; but a client may also have made up the header. */
  const lookForProxy = ({ headers }: IncomingMessage): void => {
    if (isProxySeen || headers['x-forwarded-for'] === undefined) return;
    isProxySeen = true;
    logger.warn(
      'a request has X-Forwarded-For, but TRUST_PROXY is 0: behind a proxy all clients count as one address. Set it to the number of proxies',
    );
  };

  const later = (reason: RefusalReason, error: string): DoorRefusal => ({
    reason,
    status: 503,
    error,
    retryAfterSeconds: 1 + Math.floor(random() * maxRetryAfterSeconds),
  });

  const wrongHost = (request: IncomingMessage): DoorRefusal | undefined =>
    isHostAllowed(limits.allowedHosts, request.headers.host)
      ? undefined
      : { reason: 'host', status: 421, error: 'host not allowed' };

  /** A client that is not a browser sends no origin, and could send any. */
  const wrongOrigin = ({ headers: { origin, host } }: IncomingMessage): DoorRefusal | undefined =>
    origin === undefined || origins.isAllowed(origin, host) || corsOrigins?.isAllowed(origin, host) === true
      ? undefined
      : { reason: 'origin', status: 403, error: 'origin not allowed' };

  /** What can be decided here. */
  const refusalOf = (request: IncomingMessage): DoorRefusal | undefined => {
    if (isDraining()) return later('draining', 'draining');
    if (overload.reason !== undefined) return later(overload.reason, 'overloaded');
    if (connections >= maxHere) return later('connections', `more than ${maxHere} connections`);
    return wrongHost(request) ?? wrongOrigin(request);
  };

  const beyond: Readonly<Record<SeatRefusal, string>> = {
    connections: `more than ${maxConnections} connections`,
    'connections-per-ip': `more than ${maxConnectionsPerIp} connections from one address`,
    'connect-rate': `more than ${connectsPerSecond} connects per second`,
  };

  const seat = (address: string): Leave => {
    connections += 1;
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      connections -= 1;
      seats.leave(address);
    };
  };

  const reject = (refusal: DoorRefusal): DoorRefusal => {
    metrics.refused(refusal.reason);
    return refusal;
  };

  return {
    get connections() {
      return connections;
    },
    enter(request) {
      lookForProxy(request);
      const refusal = refusalOf(request);
      if (refusal !== undefined) return reject(refusal);
      const address = clientAddress(request, trustProxy);
      // Holds nothing of the request: it lives as long as the answer takes.
      const settle = (reason: SeatRefusal | undefined): DoorRefusal | Leave =>
        reason === undefined ? seat(address) : reject(later(reason, beyond[reason]));
      const taken = seats.take(address);
      return taken instanceof Promise ? taken.then(settle) : settle(taken);
    },
    checkHost(request) {
      lookForProxy(request);
      const refusal = wrongHost(request);
      if (refusal !== undefined) metrics.refused(refusal.reason);
      return refusal;
    },
  };
};
