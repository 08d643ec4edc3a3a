import type { IncomingMessage } from 'node:http';
import type { Logger } from '@tickwire/runtime';
import { createOriginRules, isHostAllowed } from '../access/origins.js';
import type { GatewayMetrics, RefusalReason } from '../metrics/gateway-metrics.js';
import type { Overload } from '../readiness/overload.js';
import { Allowance } from './allowance.js';
import { clientAddress } from './client-address.js';
import type { LimitsConfig } from './limits-config.js';

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
  /** Returns a refusal, or counts the client in and returns a function that counts it out; further calls do nothing. */
  enter(request: IncomingMessage): DoorRefusal | Leave;
  /** Checks any request for a foreign host name. */
  checkHost(request: IncomingMessage): DoorRefusal | undefined;
}

export interface DoorOptions {
  readonly limits: LimitsConfig;
  readonly overload: Pick<Overload, 'reason'>;
  readonly isDraining: () => boolean;
  readonly metrics: Pick<GatewayMetrics, 'refused'>;
  readonly logger: Pick<Logger, 'warn'>;
  /** Milliseconds that never go back. @default performance.now */
  readonly now?: () => number;
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
    now = () => performance.now(),
    random = Math.random,
  } = options;
  const { maxConnections, maxConnectionsPerIp, connectsPerSecond, trustProxy } = limits;
  const rate = new Allowance(connectsPerSecond, connectsPerSecond, now());
  const origins = createOriginRules(limits.allowedOrigins);
  const corsOrigins = limits.corsOrigins && createOriginRules(limits.corsOrigins);
  const byAddress = new Map<string, number>();
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

  /** The cheapest check comes first: in a storm most clients are rejected. */
  const refusalOf = (request: IncomingMessage, address: string): DoorRefusal | undefined => {
    if (isDraining()) return later('draining', 'draining');
    if (overload.reason !== undefined) return later(overload.reason, 'overloaded');
    if (connections >= maxConnections) return later('connections', `more than ${maxConnections} connections`);
    const isTooMany = maxConnectionsPerIp > 0 && (byAddress.get(address) ?? 0) >= maxConnectionsPerIp;
    if (isTooMany) return later('connections-per-ip', `more than ${maxConnectionsPerIp} connections from one address`);
    const stranger = wrongHost(request) ?? wrongOrigin(request);
    if (stranger !== undefined) return stranger;
    return rate.take(1, now())
      ? undefined
      : later('connect-rate', `more than ${connectsPerSecond} connects per second`);
  };

  const count = (address: string): Leave => {
    connections += 1;
    byAddress.set(address, (byAddress.get(address) ?? 0) + 1);
    let isIn = true;
    return () => {
      if (!isIn) return;
      isIn = false;
      connections -= 1;
      const left = (byAddress.get(address) ?? 0) - 1;
      if (left > 0) byAddress.set(address, left);
      else byAddress.delete(address);
    };
  };

  return {
    get connections() {
      return connections;
    },
    enter(request) {
      lookForProxy(request);
      const address = clientAddress(request, trustProxy);
      const refusal = refusalOf(request, address);
      if (refusal !== undefined) {
        metrics.refused(refusal.reason);
        return refusal;
      }
      return count(address);
    },
    checkHost(request) {
      lookForProxy(request);
      const refusal = wrongHost(request);
      if (refusal !== undefined) metrics.refused(refusal.reason);
      return refusal;
    },
  };
};
