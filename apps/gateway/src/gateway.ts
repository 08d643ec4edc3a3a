import { randomUUID } from 'node:crypto';
import { type Fleet, openFleet } from '@tickwire/fleet';
import { listen, type Running, type Scope, startInScope } from '@tickwire/runtime';
import type { Router } from 'express';
import { type Admin, openAdmin } from './admin/open-admin.js';
import { createDeparture, type Departure } from './drain.js';
import { type GatewayBase, type GatewayBaseOptions, openGatewayBase } from './gateway-base.js';
import { createApiRouter } from './http/api/router.js';
import { createServerNodes } from './http/api/server-api/server-nodes.js';
import { createHttpApp } from './http/app.js';
import { createHttpGuard } from './http/http-guard.js';
import { ignoreUpgrade } from './http/ignore-upgrade.js';
import { metricsListener, openInsidePorts } from './http/inside-ports.js';
import { requestsInTurn } from './http/requests-in-turn.js';
import { createUpgradeHandler } from './http/upgrade.js';
import { type OpenHub, openHub } from './open-hub.js';
import { openProtocols, type Protocols } from './open-protocols.js';
import { isBinanceSession } from './protocols/binance/stream-event.js';
import { createCentrifugeRouter } from './protocols/centrifuge/http-router.js';
import type { GatewayContext, Route } from './protocols/consumer.js';
import { hearProducers } from './readiness/hear-producers.js';
import { type Admission, type LoopMeasurements, openAdmission } from './readiness/open-admission.js';
import { noteStart } from './start-notes.js';
import { createWebSocketGate, type WebSocketGate } from './websocket/server.js';

export interface GatewayOptions extends GatewayBaseOptions {
  /** Further paths with their consumers, tried before those of this gateway. @default none */
  readonly moreRoutes?: (context: GatewayContext) => readonly Route[];
  /** Measurements of the event loop. @default the process's own */
  readonly loop?: LoopMeasurements;
}

export interface Gateway extends Running {
  readonly port: number;
  /** A URL on this machine, for a person to open. */
  readonly url: string;
  readonly metricsPort: number;
  /** The port of `/admin`, if there is one. */
  readonly adminPort: number;
}

/** Connects clients with the channel layer. Resolves once it listens. */
export const startGateway = (options: GatewayOptions): Promise<Gateway> =>
  startInScope((scope) => openGateway(options, scope));

/** Each part is opened after those it needs, and closed before them. */
const openGateway = async ({ moreRoutes, loop, ...options }: GatewayOptions, scope: Scope): Promise<Gateway> => {
  const base = openGatewayBase(options, scope);
  const { config, logger, layer, metrics, limits, openFiles, crew, failures, server, scheme } = base;
  const { gatewayName: name, adminToken: token, drainMs } = config;

  const delivery = await openHub(base, scope);
  const fleet = scope.own(await openFleet({ layer, id: randomUUID(), token }));
  const { hub, layerLoss, own } = delivery;
  const producers = scope.own(await hearProducers({ layer, hub, envelope: fleet.envelope }));
  const context: GatewayContext = { name, hub, catalog: own.catalog, layerLoss, config, logger, metrics };
  const protocols = openProtocols({ ...base, context, fleet, connectDeadlineMs: limits.connectMs }, scope);
  const admission = await openAdmission({ ...base, ...delivery, gatewayId: fleet.id, ...(loop && { loop }) }, scope);
  const gate = scope.own(createWebSocketGate({ ...base, ...delivery }));

  const inside: Inside = { ...base, ...delivery, ...admission, fleet, protocols };
  const departure = departureOf(inside);
  const { worker } = crew;
  const admin = token
    ? scope.own(openAdmin({ ...inside, producers, token, name, worker, drainMs, drain: departure.drain }))
    : undefined;
  server.on('request', requestsInTurn(httpAppOf(inside, admin), { metrics }));
  server.on('upgrade', upgradesOf(inside, gate, [...(moreRoutes?.(context) ?? []), ...protocols.routes]));

  const ports = await openInsidePorts(
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
    metricsPort: ports.metricsPort ?? port,
    adminPort: ports.adminPort ?? port,
    close: scope.close,
  };
};

/** The parts of a gateway that does not listen yet. */
interface Inside extends GatewayBase, OpenHub, Admission {
  readonly fleet: Fleet;
  readonly protocols: Protocols;
}

const departureOf = ({ config, crew, hub, protocols, readiness, membership, server }: Inside): Departure =>
  createDeparture({
    crew,
    sessions: hub.sessions,
    drainMs: config.drainMs,
    isWarned: isBinanceSession,
    stopAccepting: () => server.close(),
    announce() {
      readiness.drain();
      membership.changed();
      protocols.binance.announceShutdown();
    },
  });

const apiOf = (inside: Inside): Router => {
  const { config, crew, own, protocols, fleet, hub } = inside;
  const { binance, centrifuge } = protocols;
  const nodes = createServerNodes({
    fleet,
    hub,
    presence: centrifuge.presence,
    clients: centrifuge.clients,
    canOrder: config.adminToken !== undefined,
    name: crew.worker === undefined ? config.gatewayName : `${config.gatewayName}/${crew.worker}`,
  });
  const api = createApiRouter({
    ...inside,
    catalog: own.catalog,
    binance,
    countClients: centrifuge.countClients,
    nodes,
  });
  return api.use(createCentrifugeRouter(centrifuge, inside));
};

const httpAppOf = (inside: Inside, admin: Admin | undefined): ReturnType<typeof createHttpApp> => {
  const { config, crew, access, metrics, readiness } = inside;
  const api = apiOf(inside);
  if (admin !== undefined && config.adminPort === undefined) api.use(admin.router);
  return createHttpApp({
    ...inside,
    isDraining: () => readiness.isDraining,
    serveMetrics: config.metricsPort === undefined ? metricsListener(crew.render) : undefined,
    isPublic: access === undefined,
    guard: createHttpGuard(access, config.access.cookie, () => metrics.refused('token')),
    api,
  });
};

const upgradesOf = (
  inside: Inside,
  gate: WebSocketGate,
  routes: readonly Route[],
): ReturnType<typeof createUpgradeHandler> =>
  createUpgradeHandler({
    ...inside,
    onOther: ignoreUpgrade.bind(undefined, inside.server),
    routes,
    gate,
    cookie: inside.config.access.cookie,
  });
