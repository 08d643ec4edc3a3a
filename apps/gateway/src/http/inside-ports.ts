import type { Server } from 'node:http';
import { closeServer, listen, type Scope, type StateLog } from '@tickwire/runtime';
import type { Router } from 'express';
import { createAdminServer } from '../admin/admin-server.js';
import type { GatewayConfig } from '../config.js';
import { boundSockets } from '../limits/sockets-by-address.js';
import { createMetricsServer } from '../metrics/metrics-server.js';

export interface InsidePortsOptions {
  readonly config: Pick<GatewayConfig, 'host' | 'metricsPort' | 'adminPort'>;
  /** Makes the text of the metrics. */
  readonly render: () => Promise<string>;
  /** Undefined without operators. */
  readonly admin: Router | undefined;
  readonly failures: Pick<StateLog, 'failed'>;
  readonly isWorker: boolean;
}

/** Of operators and Prometheus, on each port that is theirs: part of what is kept back of the open files. */
const maxInsideSockets = 16;

/**
 * Opens the ports that are not for clients, as far as the configuration has them. Resolves with their numbers.
 * @throws StartError when one is taken or not allowed
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
