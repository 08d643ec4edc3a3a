import { randomUUID } from 'node:crypto';
import type { GroupLayer, GroupPublisher, History } from '@tickwire/channel-layer';
import { openFleet } from '@tickwire/fleet';
import {
  createMemorySharedKeys,
  createStateLog,
  type Logger,
  listen,
  type Running,
  type Scope,
  type SharedKeys,
  startInScope,
} from '@tickwire/runtime';
import { createAccess } from './access/access.js';
import { openAdmin } from './admin/open-admin.js';
import type { GatewayConfig } from './config.js';
import { createDeparture } from './drain.js';
import { createApiRouter } from './http/api/router.js';
import { createServerNodes } from './http/api/server-api/server-nodes.js';
import { createHttpApp } from './http/app.js';
import { createHttpGuard } from './http/http-guard.js';
import { ignoreUpgrade } from './http/ignore-upgrade.js';
import { metricsListener, openInsidePorts } from './http/inside-ports.js';
import { requestsInTurn } from './http/requests-in-turn.js';
import { openHttpServer } from './http/server.js';
import { createUpgradeHandler } from './http/upgrade.js';
import { boundLimits } from './limits/open-files.js';
import { createReadTurns } from './limits/read-turns.js';
import { createGatewayMetrics } from './metrics/gateway-metrics.js';
import { openHub } from './open-hub.js';
import { openProtocols } from './open-protocols.js';
import { isBinanceSession } from './protocols/binance/stream-event.js';
import { createCentrifugeRouter } from './protocols/centrifuge/http-router.js';
import type { GatewayContext, Route } from './protocols/consumer.js';
import { openAdmission } from './readiness/open-admission.js';
import { noteStart } from './start-notes.js';
import { createExpiries } from './timing/expiries.js';
import { createMessageTurns } from './timing/message-turns.js';
import { createTurnBudget } from './timing/turn-budget.js';
import { createWebSocketGate } from './websocket/server.js';
import { type Crew, createSoleCrew } from './workers/crew.js';

export interface GatewayOptions {
  readonly config: GatewayConfig;
  readonly logger: Logger;
  /** Closed by its creator, after the gateway. */
  readonly layer: GroupLayer;
  readonly history: History & GroupPublisher;
  /** Shared by gateways, so that a request is published once. @default the gateway's own */
  readonly keys?: SharedKeys;
  /** The other workers of this gateway. @default there are none */
  readonly crew?: Crew;
  /** Further paths with their consumers, tried before those of this gateway. @default none */
  readonly moreRoutes?: (context: GatewayContext) => readonly Route[];
}

export interface Gateway extends Running {
  readonly port: number;
  /** A URL on this machine, for a person to open. */
  readonly url: string;
  /** The port of `/metrics`. */
  readonly metricsPort: number;
  /** The port of `/admin`, if there is one. */
  readonly adminPort: number;
}

/** Connects clients with the channel layer. Resolves once it listens. */
export const startGateway = (options: GatewayOptions): Promise<Gateway> =>
  startInScope((scope) => openGateway(options, scope));

const openGateway = async (options: GatewayOptions, scope: Scope): Promise<Gateway> => {
  const { config, logger, layer, history, keys = createMemorySharedKeys(), moreRoutes = () => [] } = options;
  const { gatewayName: name, adminToken: token } = config;
  const { openFiles, bounds, limits } = boundLimits(config.limits, options.crew?.size ?? 1);
  const { crew = createSoleCrew(limits) } = options;
  const { worker, size: workers } = crew;
  const { tokens, cookie } = config.access;
  const access = tokens && createAccess(tokens, { logger });
  const metrics = createGatewayMetrics(name);
  metrics.counter('key_fetch_failures', 'Fetches of the keys of tokens that failed', () => access?.failedFetches ?? 0);
  const failures = createStateLog({ logger, trouble: 'requests failed' });
  metrics.counter('failed_requests', 'Requests that failed for a reason of ours', () => failures.failures);
  const { server, scheme } = openHttpServer(
    { config, logger, limits, metrics, maxSockets: bounds.sockets, workers },
    scope,
  );

  const { hub, layerLoss, sessionIds, lives, produced, own } = await openHub(
    { config, logger, layer, history, metrics },
    scope,
  );
  const { catalog } = own;
  const fleet = scope.own(await openFleet({ layer, id: randomUUID(), token }));

  const context: GatewayContext = { name, hub, catalog, config, logger, metrics };
  const budget = createTurnBudget();
  const readTurns = createReadTurns({ workers, onRefused: () => metrics.refused('reads') });
  metrics.gauge('reads_waiting', 'Requests that wait for their turn to read history', () => readTurns.waiting);
  const expiries = scope.own(createExpiries());
  const { connectMs: connectDeadlineMs } = limits;
  const { routes, binance, centrifuge } = openProtocols(
    { context, fleet, access, expiries, history, budget, readTurns, failures, connectDeadlineMs },
    scope,
  );

  const { door, overload, readiness, report, membership } = await openAdmission(
    {
      limits,
      maxHere: bounds.connections,
      crew,
      layer,
      layerLoss,
      history,
      produced,
      gatewayId: fleet.id,
      metrics,
      logger,
    },
    scope,
  );
  const turns = createMessageTurns();
  metrics.gauge('messages_waiting', 'Messages of clients that wait for their turn', () => turns.waiting);
  const gate = scope.own(createWebSocketGate({ hub, config, logger, expiries, metrics, lives, turns }));

  const { presence, clients, countClients } = centrifuge;
  const nodes = createServerNodes({
    fleet,
    hub,
    presence,
    clients,
    canOrder: token !== undefined,
    name: worker === undefined ? name : `${name}/${worker}`,
  });
  const api = createApiRouter({
    layer,
    history,
    keys,
    catalog,
    own,
    binance,
    config,
    failures,
    readTurns,
    budget,
    hub,
    countClients,
    nodes,
  });
  api.use(createCentrifugeRouter(centrifuge, { fleet, lives, turns }));

  const { drainMs } = config;
  const departure = createDeparture({
    crew,
    sessions: hub.sessions,
    drainMs,
    isWarned: isBinanceSession,
    stopAccepting: () => server.close(),
    announce() {
      readiness.drain();
      membership.changed();
      binance.announceShutdown();
    },
  });
  const admin = token
    ? scope.own(
        await openAdmin({
          token,
          layer,
          fleet,
          hub,
          name,
          worker,
          sessionIds,
          readiness,
          overload,
          metrics,
          drainMs,
          logger,
          drain: departure.drain,
        }),
      )
    : undefined;
  if (admin !== undefined && config.adminPort === undefined) api.use(admin.router);

  const app = createHttpApp({
    isDraining: () => readiness.isDraining,
    report,
    serveMetrics: config.metricsPort === undefined ? metricsListener(crew.render) : undefined,
    door,
    limits,
    isPublic: access === undefined,
    guard: createHttpGuard(access, cookie, () => metrics.refused('token')),
    api,
    failures,
  });
  server.on('request', requestsInTurn(app, { metrics }));
  const onOther = ignoreUpgrade.bind(undefined, server);
  server.on(
    'upgrade',
    createUpgradeHandler({
      onOther,
      routes: [...moreRoutes(context), ...routes],
      gate,
      door,
      metrics,
      readiness,
      access,
      cookie,
      failures,
    }),
  );
  const inside = await openInsidePorts(
    { config, render: crew.render, admin: admin?.router, failures, isWorker: worker !== undefined },
    scope,
  );
  const port = await listen(server, config);
  scope.own({ close: departure.leave });
  // What is true of all workers is logged by one.
  if ((worker ?? 1) === 1) noteStart({ config, logger, openFiles, maxConnections: limits.maxConnections });
  return {
    port,
    url: `${scheme}://localhost:${port}/`,
    metricsPort: inside.metricsPort ?? port,
    adminPort: inside.adminPort ?? port,
    close: scope.close,
  };
};
