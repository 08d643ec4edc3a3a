import type { ChannelLayer } from '@tickwire/channel-layer';
import type { Hub } from '@tickwire/hub';
import type { AdminAct } from '@tickwire/protocol';
import { closeCodes } from '@tickwire/protocol';
import { createRecentEvents, type Logger } from '@tickwire/runtime';
import type { Router } from 'express';
import { drainSessions } from '../drain.js';
import type { GatewayMetrics } from '../metrics/gateway-metrics.js';
import type { Overload } from '../readiness/overload.js';
import type { Readiness } from '../readiness/readiness.js';
import { createAdminRouter } from './admin-router.js';
import { openFleet } from './fleet.js';
import { watchGateway } from './gateway-events.js';
import { createGatewayStatus } from './gateway-status.js';

export interface AdminOptions {
  readonly token: string;
  readonly layer: ChannelLayer;
  readonly hub: Hub;
  readonly id: string;
  readonly name: string;
  readonly readiness: Pick<Readiness, 'reasons' | 'drain' | 'isDraining'>;
  readonly overload: Overload;
  readonly metrics: Pick<GatewayMetrics, 'refusals'>;
  readonly drainMs: number;
  readonly logger: Logger;
}

/** What operators get: the page, its JSON, and who carries out their orders here. */
export interface Admin {
  readonly router: Router;
  close(): void;
}

/** @throws what the layer throws when it cannot subscribe. */
export const openAdmin = async (options: AdminOptions): Promise<Admin> => {
  const { token, layer, hub, id, name, readiness, overload, metrics, drainMs, logger } = options;
  const events = createRecentEvents();
  const status = createGatewayStatus({
    ...{ hub, id, name, events },
    reasons: readiness.reasons,
    loopLagMs: () => overload.lagMs,
    rssBytes: () => overload.rssBytes,
  });
  const unwatch = watchGateway({
    ...{ events, layer, overload },
    counters: hub.counters,
    refusals: metrics.refusals,
    isDraining: () => readiness.isDraining,
  });

  const carryOut = (act: AdminAct, sessionId: string): string => {
    switch (act) {
      case 'disconnect': {
        const session = status.find(sessionId);
        session?.close(closeCodes.forceDisconnect);
        return session === undefined ? `no session ${sessionId} to disconnect` : `session ${sessionId} disconnected`;
      }
      case 'drain': {
        if (readiness.isDraining) return 'draining already';
        const clients = hub.sessions.size;
        readiness.drain();
        void drainSessions(hub.sessions, drainMs);
        return `drain: ${clients} clients sent elsewhere over ${drainMs} ms`;
      }
    }
  };

  const fleet = await openFleet({
    ...{ layer, token },
    gatewayId: id,
    status: status.read,
    onCommand(act, session) {
      const outcome = carryOut(act, session);
      logger.warn({ act, session, outcome }, 'an operator asked for it');
      events.add('order', outcome);
    },
    onForged: () => events.add('forged', "messages not signed with the operators' token, or by a clock 30 s off"),
  });
  const onRefused = (): void => events.add('sign-in', 'somebody asked without the token');
  return {
    router: createAdminRouter(token, fleet, onRefused),
    close() {
      unwatch();
      fleet.close();
    },
  };
};
