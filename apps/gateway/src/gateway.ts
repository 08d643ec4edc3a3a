import { randomUUID } from 'node:crypto';
import type { GroupLayer, GroupPublisher, History } from '@tickwire/channel-layer';
import { openFleet } from '@tickwire/fleet';
import { createHub } from '@tickwire/hub';
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
import { openCatalog } from './catalog.js';
import { openOwnChannels } from './channels/open-own-channels.js';
import type { GatewayConfig } from './config.js';
import { drainSessions, handedOver } from './drain.js';
import { createApiRouter } from './http/api/router.js';
import { createServerNodes } from './http/api/server-api/server-nodes.js';
import { createHttpApp } from './http/app.js';
import { createHttpGuard } from './http/http-guard.js';
import { ignoreUpgrade } from './http/ignore-upgrade.js';
import { metricsListener, openInsidePorts } from './http/inside-ports.js';
import { requestsInTurn } from './http/requests-in-turn.js';
import { openHttpServer } from './http/server.js';
import { createUpgradeHandler } from './http/upgrade.js';
import { createDoor } from './limits/door.js';
import { boundLimits } from './limits/open-files.js';
import { createReadTurns } from './limits/read-turns.js';
import { createGatewayMetrics } from './metrics/gateway-metrics.js';
import { createHubMetrics } from './metrics/hub-metrics.js';
import { openBinance } from './protocols/binance/open-binance.js';
import { isBinanceSession } from './protocols/binance/stream-event.js';
import { binancePath } from './protocols/binance/target.js';
import { centrifugeConsumer } from './protocols/centrifuge/consumer.js';
import { openCentrifuge } from './protocols/centrifuge/open-centrifuge.js';
import { createUniRouter } from './protocols/centrifuge/uni/uni-router.js';
import { createClientLives, createSessionIds } from './protocols/client-lives.js';
import type { GatewayContext } from './protocols/consumer.js';
import { predictionConsumer } from './protocols/plain-json/prediction.js';
import { createPredictionStreams } from './protocols/plain-json/prediction-streams.js';
import { type LayerLoss, watchLayerLoss } from './readiness/layer-loss.js';
import { openLayerProbe } from './readiness/layer-probe.js';
import { createOverload } from './readiness/overload.js';
import { createReadiness } from './readiness/readiness.js';
import { createTickAge } from './readiness/tick-age.js';
import type { Route } from './routing.js';
import { noteStart } from './start-notes.js';
import { createExpiries } from './timing/expiries.js';
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
  const id = randomUUID();
  const { gatewayName: name } = config;
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
  const layerLoss: LayerLoss = scope.own(watchLayerLoss(layer, () => hub.channels.values()));
  const hubMetrics = scope.own(createHubMetrics({ metrics, layer, layerLoss }));
  const sessionIds = createSessionIds();
  const lives = scope.own(createClientLives({ logger, ids: sessionIds }));
  const hub = lives.watch(
    scope.own(createHub({ source: { layer, history }, observer: hubMetrics.observer, ...config })),
  );
  const produced = scope.own(await openCatalog(hub, logger));
  const own = scope.own(
    await openOwnChannels({ rules: config.ownChannels, produced, hub, publisher: history, logger }),
  );
  const { catalog } = own;
  const context: GatewayContext = { name, hub, catalog, config, logger, metrics };
  const predictions = scope.own(createPredictionStreams(hub));
  const budget = createTurnBudget();
  const binance = scope.own(openBinance(context, budget));
  const fleet = scope.own(await openFleet({ layer, id, token: config.adminToken }));
  const expiries = scope.own(createExpiries());
  hubMetrics.watch(hub);
  const { connectMs: connectDeadlineMs } = limits;
  const centrifuge = scope.own(openCentrifuge(context, { fleet, access, expiries, budget, connectDeadlineMs }));
  const { presence, clients, countClients } = centrifuge;
  const overload = scope.own(
    createOverload({
      maxLagMs: limits.maxLoopLagMs,
      maxRssBytes: limits.maxRssMb * 2 ** 20,
      readOthersRssBytes: () => crew.othersRssBytes,
    }),
  );
  const probe = scope.own(await openLayerProbe({ layer, gatewayId: id }));
  const tickAge = scope.own(createTickAge({ history, catalog: produced }));
  const isDraining = (): boolean => readiness.isDraining;
  const door = createDoor({
    limits,
    overload,
    metrics,
    logger,
    isDraining,
    seats: crew.seats,
    maxHere: bounds.connections,
  });
  const connections = (): number => door.connections;
  const { maxTickAgeMs } = limits;
  const readiness = createReadiness({ layerLoss, probe, tickAge, overload, connections, maxTickAgeMs });
  const report = () => crew.combine(readiness.report());
  metrics.gauge('connections', 'WebSockets and event streams that are open', connections);
  metrics.gauge(
    'loop_lag_seconds',
    'Median delay of the event loop in the last second; of several workers the longest',
    () => overload.lagMs / 1_000,
    'max',
  );
  metrics.gauge('ready', '1 while new clients are taken', () => Number(report().ready), 'min');
  const membership = scope.own(
    crew.join({
      registry: metrics.registry,
      report: () => ({
        reasons: [...readiness.reasons()],
        isDraining: isDraining(),
        connections: connections(),
        rssBytes: overload.rssBytes,
      }),
    }),
  );
  const gate = scope.own(createWebSocketGate({ hub, config, logger, expiries, metrics, lives }));

  const routes: readonly Route[] = [
    ...moreRoutes(context),
    { path: /^\/ws\/prediction\/?$/, consumer: predictionConsumer(context, predictions) },
    { path: '/connection/websocket', consumer: centrifugeConsumer(centrifuge) },
    { path: binancePath, consumer: binance.consumer },
  ];

  const readTurns = createReadTurns({ workers, onRefused: () => metrics.refused('reads') });
  metrics.gauge('reads_waiting', 'Requests that wait for their turn to read history', () => readTurns.waiting);
  const nodes = createServerNodes({
    fleet,
    hub,
    presence,
    clients,
    canOrder: config.adminToken !== undefined,
    name: worker === undefined ? name : `${name}/${worker}`,
  });
  const api = createApiRouter({
    layer,
    history,
    keys,
    catalog,
    own,
    binanceSymbols: binance.symbols,
    config,
    failures,
    readTurns,
    budget,
    hub,
    countClients,
    nodes,
  });
  api.use('/connection', createUniRouter(centrifuge, { lives }));
  const { adminToken: token, adminPort: ownAdminPort, drainMs } = config;
  const drain = (): Promise<void> => {
    readiness.drain();
    membership.changed();
    binance.announceShutdown();
    return drainSessions(hub.sessions, { drainMs, isWarned: isBinanceSession });
  };
  const leave = async (): Promise<void> => {
    server.close();
    // If other workers accept new clients, nobody is rejected.
    if (crew.isAnotherServing) await handedOver();
    await drain();
  };
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
          drain: () => (crew.isAnotherServing ? leave() : drain()),
        }),
      )
    : undefined;
  if (admin !== undefined && ownAdminPort === undefined) api.use(admin.router);
  const guard = createHttpGuard(access, cookie, () => metrics.refused('token'));
  const isPublic = access === undefined;
  const serveMetrics = config.metricsPort === undefined ? metricsListener(crew.render) : undefined;
  const app = createHttpApp({ isDraining, report, serveMetrics, door, limits, isPublic, guard, api, failures });
  server.on('request', requestsInTurn(app, { metrics }));
  const onOther = ignoreUpgrade.bind(undefined, server);
  server.on(
    'upgrade',
    createUpgradeHandler({ onOther, routes, gate, door, metrics, readiness, access, cookie, failures }),
  );
  const inside = await openInsidePorts(
    { config, render: crew.render, admin: admin?.router, failures, isWorker: worker !== undefined },
    scope,
  );
  const port = await listen(server, config);
  scope.own({ close: leave });
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
