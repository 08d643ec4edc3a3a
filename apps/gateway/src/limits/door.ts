import type { IncomingMessage } from 'node:http';
import type { Logger } from '@tickwire/runtime';
import { createOriginRules, isHostAllowed } from '../access/origins.js';
import type { GatewayMetrics, RefusalReason } from '../metrics/gateway-metrics.js';
import type { Overload } from '../readiness/overload.js';
import { Allowance } from './allowance.js';
import { clientAddress } from './client-address.js';
import type { LimitsConfig } from './limits-config.js';

/** Why a client may not come in, as an HTTP answer. */
export interface DoorRefusal {
  readonly reason: RefusalReason;
  readonly status: 403 | 421 | 503;
  readonly error: string;
  /** For what will pass. */
  readonly retryAfterSeconds?: number;
}

/** Holds nothing of the request: it lives as long as the client. */
export type Leave = () => void;

/** What everybody passes who comes to stay: WebSockets and event streams. */
export interface Door {
  readonly connections: number;
  /** A refusal; or counts the client in: what is returned then counts it out, once however often it is called. */
  enter(request: IncomingMessage): DoorRefusal | Leave;
  /** A request for a name that is not ours, of whatever kind. */
  checkHost(request: IncomingMessage): DoorRefusal | undefined;
}

export interface DoorOptions {
  readonly limits: LimitsConfig;
  readonly overload: Pick<Overload, 'reason'>;
  readonly isDraining: () => boolean;
  readonly metrics: Pick<GatewayMetrics, 'refused'>;
  readonly logger: Pick<Logger, 'warn'>;
  /** Milliseconds, never back. @default performance.now */
  readonly now?: () => number;
  /** From 0 up to, not including, 1. @default Math.random */
  readonly random?: () => number;
}

/** Those refused together come back over so many seconds. */
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

  /** Somebody may have forgotten a setting; a client may as well have made the header up. */
  const lookForProxy = ({ headers }: IncomingMessage): void => {
    if (isProxySeen || headers['x-forwarded-for'] === undefined) return;
    isProxySeen = true;
    logger.warn(
      'a request has X-Forwarded-For, but TRUST_PROXY is 0: behind a proxy all clients count as one address; set it to the number of proxies',
    );
  };

  const later = (reason: RefusalReason, error: string): DoorRefusal => ({
    reason,
    status: 503,
    error,
    retryAfterSeconds: 1 + Math.floor(random() * maxRetryAfterSeconds),
  });

  const refusedHost = (request: IncomingMessage): DoorRefusal | undefined =>
    isHostAllowed(limits.allowedHosts, request.headers.host)
      ? undefined
      : { reason: 'host', status: 421, error: 'this server is not asked for by that name' };

  /** A client that is no browser sends no origin, and could send any. */
  const refusedOrigin = ({ headers: { origin, host } }: IncomingMessage): DoorRefusal | undefined =>
    origin === undefined || origins.isAllowed(origin, host) || corsOrigins?.isAllowed(origin, host) === true
      ? undefined
      : { reason: 'origin', status: 403, error: 'pages of this origin may not connect' };

  /** The cheapest first: in a storm most are refused. */
  const refused = (request: IncomingMessage, address: string): DoorRefusal | undefined => {
    if (isDraining()) return later('draining', 'draining');
    if (overload.reason !== undefined) return later(overload.reason, 'overloaded');
    if (connections >= maxConnections) return later('connections', `more than ${maxConnections} connections`);
    const isTooMany = maxConnectionsPerIp > 0 && (byAddress.get(address) ?? 0) >= maxConnectionsPerIp;
    if (isTooMany) return later('connections-per-ip', `more than ${maxConnectionsPerIp} connections of one address`);
    const stranger = refusedHost(request) ?? refusedOrigin(request);
    if (stranger !== undefined) return stranger;
    return rate.take(1, now()) ? undefined : later('connect-rate', `more than ${connectsPerSecond} connects a second`);
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
      const refusal = refused(request, address);
      if (refusal !== undefined) {
        metrics.refused(refusal.reason);
        return refusal;
      }
      return count(address);
    },
    checkHost(request) {
      lookForProxy(request);
      const refusal = refusedHost(request);
      if (refusal !== undefined) metrics.refused(refusal.reason);
      return refusal;
    },
  };
};
