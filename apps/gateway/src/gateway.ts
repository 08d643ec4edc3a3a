import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { GroupLayer, GroupPublisher, History } from '@tickwire/channel-layer';
import { openFleet } from '@tickwire/fleet';
import { createHub } from '@tickwire/hub';
import {
  closeServer,
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
import { createAdminServer } from './admin/admin-server.js';
import { openAdmin } from './admin/open-admin.js';
import { openCatalog } from './catalog.js';
import { openOwnChannels } from './channels/open-own-channels.js';
import type { GatewayConfig } from './config.js';
import { drainSessions } from './drain.js';
import { createPagedHistory } from './http/api/paged-history.js';
import { createApiRouter } from './http/api/router.js';
import { createServerNodes } from './http/api/server-api/server-nodes.js';
import { createHttpApp } from './http/app.js';
import { createHttpGuard } from './http/http-guard.js';
import { ignoreUpgrade } from './http/ignore-upgrade.js';
import { createHttpServer } from './http/server.js';
import { followTlsFiles, readTlsIdentity } from './http/tls-identity.js';
import { createUpgradeHandler } from './http/upgrade.js';
import { createDoor } from './limits/door.js';
import { readOpenFileLimit, socketBounds } from './limits/open-files.js';
import { createReadTurns } from './limits/read-turns.js';
import { createGatewayMetrics } from './metrics/gateway-metrics.js';
import { createHubMetrics } from './metrics/hub-metrics.js';
import { createMetricsServer, metricsListener } from './metrics/metrics-server.js';
import { binanceConsumer } from './protocols/binance/consumer.js';
import { createPingWheel } from './protocols/binance/ping-wheel.js';
import { isBinanceSession } from './protocols/binance/stream-event.js';
import { createBinanceStreams } from './protocols/binance/streams.js';
import { createBinanceSymbols } from './protocols/binance/symbols.js';
import { binancePath } from './protocols/binance/target.js';
import { authenticateWith } from './protocols/centrifuge/authenticate.js';
import { centrifugeConsumer } from './protocols/centrifuge/consumer.js';
import { createCentrifugeContext } from './protocols/centrifuge/context.js';
import { createLocalClients } from './protocols/centrifuge/local-clients.js';
import { createLocalPresence } from './protocols/centrifuge/presence.js';
import { openSharedPresence } from './protocols/centrifuge/shared-presence.js';
import { createUniRouter } from './protocols/centrifuge/uni/uni-router.js';
import type { GatewayContext } from './protocols/consumer.js';
import { predictionConsumer } from './protocols/plain-json/prediction.js';
import { createPredictionStreams } from './protocols/plain-json/prediction-streams.js';
import { type LayerLoss, watchLayerLoss } from './readiness/layer-loss.js';
import { openLayerProbe } from './readiness/layer-probe.js';
import { createOverload } from './readiness/overload.js';
import { createReadiness } from './readiness/readiness.js';
import { createTickAge } from './readiness/tick-age.js';
import type { Route } from './routing.js';
import { createExpiries } from './timing/expiries.js';
import { createWebSocketGate } from './websocket/server.js';

export interface GatewayOptions {
  readonly config: GatewayConfig;
  readonly logger: Logger;
  /** Closed by whoever made it, after the gateway. */
  readonly layer: GroupLayer;
  readonly history: History & GroupPublisher;
  /** What gateways share to publish a request once. @default the gateway's own */
  readonly keys?: SharedKeys;
  /** Further paths, before those of this gateway, and what takes their connections. @default none */
  readonly moreRoutes?: (context: GatewayContext) => readonly Route[];
}

export interface Gateway extends Running {
  readonly port: number;
  /** Of this machine, for a person to open. */
  readonly url: string;
  /** Where `/metrics` is. */
  readonly metricsPort: number;
  /** Where `/admin` is, if it is. */
  readonly adminPort: number;
}

/** Of operators and Prometheus, on each port that is theirs: part of what is kept back of the open files. */
const maxInsideSockets = 16;

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.');

/** Clients on one side, the channel layer on the other. Resolves once it listens. */
export const startGateway = (options: GatewayOptions): Promise<Gateway> =>
  startInScope((scope) => openGateway(options, scope));

const openGateway = async (options: GatewayOptions, scope: Scope): Promise<Gateway> => {
  const { config, layer, history, keys = createMemorySharedKeys(), moreRoutes = () => [] } = options;
  const id = randomUUID();
  const name = config.gatewayName ?? `gateway-${id.slice(0, 8)}`;
  const logger = options.logger.child({ gateway: name });
  for (const hint of config.hints) logger.warn(hint);
  const openFiles = readOpenFileLimit();
  const bounds = socketBounds(config.limits.maxConnections, openFiles);
  const limits = { ...config.limits, maxConnections: bounds.connections };
  const { tokens, cookie } = config.access;
  const access = tokens && createAccess(tokens, { logger });
  const metrics = createGatewayMetrics(name);
  metrics.counter('key_fetch_failures', 'Fetches of the keys of tokens that failed', () => access?.failedFetches ?? 0);
  const failures = createStateLog({ logger, trouble: 'requests failed' });
  metrics.counter('failed_requests', 'Requests that failed for a reason of ours', () => failures.failures);
  const { tlsCertFile, tlsKeyFile } = config;
  const tlsFiles = tlsCertFile && tlsKeyFile ? { certFile: tlsCertFile, keyFile: tlsKeyFile } : undefined;
  // Its sockets are cut last: by then clients have what they are owed.
  const server = createHttpServer({
    limits,
    metrics,
    maxSockets: bounds.sockets,
    slowDeadlineMs: config.slowDeadlineMs,
    tls: tlsFiles && readTlsIdentity(tlsFiles),
  });
  if (tlsFiles !== undefined) scope.own(followTlsFiles({ server, files: tlsFiles, logger }));
  scope.own({ close: () => server.closeAllConnections() });
  const layerLoss: LayerLoss = scope.own(watchLayerLoss(layer, () => hub.channels.values()));
  const hubMetrics = scope.own(createHubMetrics({ registry: metrics.registry, layer, layerLoss }));
  const hub = scope.own(createHub({ source: { layer, history }, observer: hubMetrics.observer, ...config }));
  const produced = scope.own(await openCatalog(hub, logger));
  const own = scope.own(
    await openOwnChannels({ rules: config.ownChannels, produced, hub, publisher: history, logger }),
  );
  const { catalog } = own;
  const context: GatewayContext = { name, hub, catalog, config, logger, metrics };
  const predictions = scope.own(createPredictionStreams(hub));
  const binanceSymbols = createBinanceSymbols(catalog, config.binanceVenue);
  const binanceStreams = scope.own(
    createBinanceStreams({ hub, history: createPagedHistory(history), symbols: binanceSymbols }),
  );
  const presence = createLocalPresence();
  const clients = createLocalClients();
  const fleet = scope.own(await openFleet({ layer, id, token: config.adminToken }));
  const { countClients } = scope.own(openSharedPresence({ fleet, local: presence }));
  const expiries = scope.own(createExpiries());
  const authenticate = access === undefined ? {} : { authenticate: authenticateWith(access), canRefresh: true };
  hubMetrics.watch(hub);
  const centrifuge = createCentrifugeContext(context, {
    presence,
    clients,
    countClients,
    expiries,
    connectDeadlineMs: limits.connectMs,
    ...authenticate,
  });
  const overload = scope.own(createOverload({ maxLagMs: limits.maxLoopLagMs, maxRssBytes: limits.maxRssMb * 2 ** 20 }));
  const probe = scope.own(await openLayerProbe({ layer, gatewayId: id }));
  const tickAge = scope.own(createTickAge({ history, catalog: produced }));
  const door = createDoor({ limits, overload, metrics, logger, isDraining: () => readiness.isDraining });
  const connections = (): number => door.connections;
  const readiness = createReadiness({
    layerLoss,
    probe,
    tickAge,
    overload,
    connections,
    maxTickAgeMs: limits.maxTickAgeMs,
  });
  metrics.gauge('connections', 'WebSockets and event streams that are open', connections);
  metrics.gauge('loop_lag_seconds', 'Median delay of the event loop in the last second', () => overload.lagMs / 1_000);
  metrics.gauge('ready', '1 while new clients are taken', () => Number(readiness.reasons().length === 0));
  const gate = scope.own(createWebSocketGate({ hub, config, logger, expiries, metrics }));

  const routes: readonly Route[] = [
    ...moreRoutes(context),
    { path: /^\/ws\/prediction\/?$/, consumer: predictionConsumer(context, predictions) },
    { path: '/connection/websocket', consumer: centrifugeConsumer(centrifuge) },
    { path: binancePath, consumer: binanceConsumer(context, binanceStreams, createPingWheel(config.binancePingMs)) },
  ];

  const readTurns = createReadTurns({ onRefused: () => metrics.refused('reads') });
  metrics.gauge('reads_waiting', 'Requests that wait for their turn to read history', () => readTurns.waiting);
  const nodes = createServerNodes({ fleet, hub, presence, clients, name, canOrder: config.adminToken !== undefined });
  const api = createApiRouter({
    layer,
    history,
    keys,
    catalog,
    own,
    binanceSymbols,
    config,
    failures,
    readTurns,
    hub,
    countClients,
    nodes,
  });
  api.use('/connection', createUniRouter(centrifuge));
  const { adminToken: token, adminPort: ownAdminPort, drainMs } = config;
  const drain = (): Promise<void> => {
    readiness.drain();
    binanceStreams.announceShutdown();
    return drainSessions(hub.sessions, { drainMs, isWarned: isBinanceSession });
  };
  const admin = token
    ? scope.own(
        await openAdmin({ token, layer, fleet, hub, name, readiness, overload, metrics, drainMs, drain, logger }),
      )
    : undefined;
  if (admin !== undefined && ownAdminPort === undefined) api.use(admin.router);
  const guard = createHttpGuard(access, cookie, () => metrics.refused('token'));
  const isPublic = access === undefined;
  const serveMetrics = config.metricsPort === undefined ? metricsListener(metrics) : undefined;
  server.on('request', createHttpApp({ readiness, serveMetrics, door, limits, isPublic, guard, api, failures }));
  const onOther = ignoreUpgrade.bind(undefined, server);
  server.on(
    'upgrade',
    createUpgradeHandler({ onOther, routes, gate, door, metrics, readiness, access, cookie, failures }),
  );
  const listenInside = (inside: Server, port: number, variable: string): Promise<number> => {
    inside.maxConnections = maxInsideSockets;
    scope.own({ close: () => closeServer(inside) });
    return listen(inside, { port, host: config.host, variable });
  };
  const insideMetricsPort =
    config.metricsPort === undefined
      ? undefined
      : await listenInside(createMetricsServer(metrics), config.metricsPort, 'METRICS_PORT');
  const insideAdminPort =
    admin && ownAdminPort !== undefined
      ? await listenInside(createAdminServer(admin.router, failures), ownAdminPort, 'ADMIN_PORT')
      : undefined;
  const port = await listen(server, config);
  scope.own({
    close() {
      server.close();
      return drain();
    },
  });
  if (bounds.connections < config.limits.maxConnections) {
    logger.info(
      { openFiles, maxConnections: bounds.connections },
      `MAX_CONNECTIONS is ${config.limits.maxConnections}, but the system allows fewer open files (ulimit -n)`,
    );
  }
  if (config.apiKey === undefined && config.ownChannels.some(({ keys: own }) => own.length === 0)) {
    logger.warn('CHANNELS is set, but API_KEY is not: nobody can publish there through this gateway');
  }
  if (access === undefined && !isLoopback(config.host)) {
    logger.info({ host: config.host }, 'AUTH is off: whoever reaches this address may read every channel');
  }
  return {
    port,
    url: `${tlsFiles ? 'https' : 'http'}://localhost:${port}/`,
    metricsPort: insideMetricsPort ?? port,
    adminPort: insideAdminPort ?? port,
    close: scope.close,
  };
};
