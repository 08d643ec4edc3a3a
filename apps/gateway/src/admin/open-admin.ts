import type { GroupLayer } from '@tickwire/channel-layer';
import { createRecentEvents, type Fleet } from '@tickwire/fleet';
import type { Hub } from '@tickwire/hub';
import type { AdminAct } from '@tickwire/protocol';
import type { Logger } from '@tickwire/runtime';
import type { Router } from 'express';
import type { GatewayMetrics } from '../metrics/gateway-metrics.js';
import type { SessionIds } from '../protocols/client-lives.js';
import type { Producers } from '../readiness/hear-producers.js';
import type { Overload } from '../readiness/overload.js';
import type { Readiness } from '../readiness/readiness.js';
import { createAdminRouter } from './admin-router.js';
import { watchGateway } from './gateway-events.js';
import { createGatewayStatus } from './gateway-status.js';
import { createOperators } from './operators.js';

export interface AdminOptions {
  readonly token: string;
  readonly layer: GroupLayer;
  readonly fleet: Fleet;
  readonly producers: Pick<Producers, 'read'>;
  readonly hub: Hub;
  readonly name: string;
  readonly worker: number | undefined;
  readonly sessionIds: SessionIds;
  readonly readiness: Pick<Readiness, 'reasons' | 'isDraining'>;
  readonly overload: Overload;
  readonly metrics: Pick<GatewayMetrics, 'refusals' | 'refused'>;
  readonly drainMs: number;
  /** Accepts no more clients, and asks the connected ones to reconnect elsewhere over `drainMs`. */
  readonly drain: () => Promise<void>;
  readonly logger: Logger;
}

/** Everything for operators: the page, its JSON, and the execution of their orders. */
export interface Admin {
  readonly router: Router;
  close(): void;
}

export const openAdmin = (options: AdminOptions): Admin => {
  const {
    token,
    layer,
    fleet,
    producers,
    hub,
    name,
    worker,
    sessionIds,
    readiness,
    overload,
    metrics,
    drainMs,
    drain,
    logger,
  } = options;
  const events = createRecentEvents();
  const status = createGatewayStatus({
    hub,
    id: fleet.id,
    name,
    worker,
    sessionIds,
    events,
    reasons: readiness.reasons,
    loopLagMs: () => overload.lagMs,
    rssBytes: () => overload.rssBytes,
  });
  const unwatch = watchGateway({
    events,
    layer,
    overload,
    envelope: fleet.envelope,
    counters: hub.counters,
    refusals: metrics.refusals,
    isDraining: () => readiness.isDraining,
  });

  const carryOut = (act: AdminAct, sessionId: string): string => {
    switch (act) {
      case 'disconnect': {
        const session = status.find(sessionId);
        session?.close('forceDisconnect');
        return session === undefined ? `no session ${sessionId} to disconnect` : `session ${sessionId} disconnected`;
      }
      case 'drain': {
        if (readiness.isDraining) return 'draining already';
        const clients = hub.sessions.size;
        void drain();
        return `drain: ${clients} clients sent elsewhere over ${drainMs} ms`;
      }
    }
  };

  const operators = createOperators({
    fleet,
    producers,
    status: status.read,
    onCommand(act, session) {
      const outcome = carryOut(act, session);
      logger.warn({ act, session, outcome }, 'operator command');
      events.add('order', outcome);
    },
  });
  const onRefused = (): void => {
    metrics.refused('admin-token');
    events.add('sign-in', 'request without a valid token');
  };
  return { router: createAdminRouter(token, operators, onRefused), close: unwatch };
};
