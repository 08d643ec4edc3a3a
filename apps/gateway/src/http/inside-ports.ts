import { createServer, type RequestListener, type Server } from 'node:http';
import { closeServer, listen, type Scope, type StateLog } from '@tickwire/runtime';
import type { Router } from 'express';
import { Registry } from 'prom-client';
import type { GatewayConfig } from '../config.js';
import { boundSockets } from '../limits/sockets-by-address.js';
import { createExpressApp, hasGoodHost } from './express-app.js';

export interface InsidePortsOptions {
  readonly config: Pick<GatewayConfig, 'host' | 'metricsPort' | 'adminPort'>;
  /** Makes the text of the metrics. */
  readonly render: () => Promise<string>;
  /** Undefined if there are no operators. */
  readonly admin: Router | undefined;
  readonly failures: Pick<StateLog, 'failed'>;
  readonly isWorker: boolean;
}

/** Sockets of operators and Prometheus on each of their ports: part of the reserve of open files. */
const maxInsideSockets = 16;

/**
 * Opens the ports that are not for clients, if the configuration has any. Resolves with their numbers.
 * @throws StartError if one is taken or not allowed
 */
export const openInsidePorts = async (
  { config, render, admin, failures, isWorker }: InsidePortsOptions,
  scope: Scope,
): Promise<{ readonly metricsPort: number | undefined; readonly adminPort: number | undefined }> => {
  const { host, metricsPort, adminPort } = config;
  const open = (server: Server, port: number, variable: string): Promise<number> => {
    boundSockets(server, { maxSockets: maxInsideSockets, isWorker });
    scope.own({ close: () => closeServer(server) });
    return listen(server, { port, host, variable });
  };
  return {
    metricsPort:
      metricsPort === undefined ? undefined : await open(createMetricsServer(render), metricsPort, 'METRICS_PORT'),
    adminPort:
      admin === undefined || adminPort === undefined
        ? undefined
        : await open(createAdminServer(admin, failures), adminPort, 'ADMIN_PORT'),
  };
};

/** `/admin` on a separate port, which clients need not reach. */
const createAdminServer = (router: Router, failures: Pick<StateLog, 'failed'>): Server =>
  createServer(
    createExpressApp({
      failures,
      serve: (app) => app.use(router),
      missing(_request, response) {
        response.status(404).json({ error: 'see /admin' });
      },
    }),
  );

/** Answers every request with the metrics, as text. */
export const metricsListener =
  (render: () => Promise<string>): RequestListener =>
  (_request, response) => {
    render().then(
      (text) => response.writeHead(200, { 'Content-Type': Registry.PROMETHEUS_CONTENT_TYPE }).end(text),
      () => response.writeHead(500).end(),
    );
  };

/** `/metrics` on a separate port, which clients need not reach. */
const createMetricsServer = (render: () => Promise<string>): Server => {
  const listener = metricsListener(render);
  return createServer((request, response) => {
    const json = { 'Content-Type': 'application/json' };
    if (!hasGoodHost(request)) {
      response.writeHead(400, { ...json, Connection: 'close' }).end('{"error":"bad Host header"}');
    } else if (request.url === '/metrics') listener(request, response);
    else response.writeHead(404, json).end('{"error":"see /metrics"}');
  });
};
