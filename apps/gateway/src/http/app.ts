import { fileURLToPath } from 'node:url';
import type { StateLog } from '@tickwire/runtime';
import express, { type Express, type Request, type RequestHandler, type Router } from 'express';
import { isAskedByAddress } from '../access/origins.js';
import type { Door } from '../limits/door.js';
import type { LimitsConfig } from '../limits/limits-config.js';
import type { ReadinessReport } from '../readiness/readiness.js';
import { createCors } from './cors.js';
import { createExpressApp } from './express-app.js';
import { createPages } from './pages.js';

const dashboardFolder = fileURLToPath(new URL('../../../dashboard/dist', import.meta.url));
const examplesFolder = fileURLToPath(new URL('../../../../examples', import.meta.url));

/** `examples/plain.html` is the original page of the blog post, with its script inline. */
const examplesPolicy = "default-src 'self' 'unsafe-inline'; connect-src 'self' ws: wss:";
/** The page opens `ws:` whatever it came over; this header makes a browser use `wss:` instead. */
const upgraded = `${examplesPolicy}; upgrade-insecure-requests`;

const cameOverTls = ({ socket, headers }: Request): boolean =>
  'encrypted' in socket || headers['x-forwarded-proto'] === 'https';

export interface HttpAppOptions {
  readonly isDraining: () => boolean;
  /** Whether the gateway is ready. */
  readonly report: () => ReadinessReport;
  /** Undefined if metrics have a port of their own. */
  readonly serveMetrics: RequestHandler | undefined;
  readonly door: Door;
  readonly limits: Pick<LimitsConfig, 'corsOrigins' | 'trustProxy'>;
  /** Prices are public: no token is needed. */
  readonly isPublic: boolean;
  /** Runs before everything below `/api`. */
  readonly guard: RequestHandler;
  readonly api: Router;
  /** Counts and logs requests that failed for a reason of ours. */
  readonly failures: Pick<StateLog, 'failed'>;
}

/** Event streams are clients that stay, like WebSockets. */
const enterBy =
  (door: Door): RequestHandler =>
  async (request, response, next) => {
    const entered = await door.enter(request);
    if (typeof entered === 'function') {
      if (response.closed) return entered();
      response.once('close', entered);
      return next();
    }
    const { status, error, retryAfterSeconds } = entered;
    if (retryAfterSeconds !== undefined) response.set('Retry-After', String(retryAfterSeconds));
    response.status(status).json({ error });
  };

/** Everything that is served beside the sockets. */
export const createHttpApp = ({ failures, ...options }: HttpAppOptions): Express =>
  createExpressApp({
    failures,
    serve: (app) => serveAll(app, options),
    missing(request, response) {
      response.status(404).json({ error: 'not found', path: request.path });
    },
  });

const serveAll = (app: Express, options: Omit<HttpAppOptions, 'failures'>): void => {
  const { isDraining, report, serveMetrics, door, limits, isPublic, guard, api } = options;
  // While the gateway leaves, a connection that stays open would be cut in the middle of its next request.
  app.use((_request, response, next) => {
    if (isDraining()) response.set('Connection', 'close');
    next();
  });

  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });

  const checkHost: RequestHandler = (request, response, next) => {
    const refusal = door.checkHost(request);
    if (refusal === undefined) next();
    else response.status(refusal.status).json({ error: refusal.error });
  };
  // Balancers and Prometheus use the address. A foreign name may belong to a page that made it resolve to this host.
  const checkName: RequestHandler = (request, response, next) =>
    isAskedByAddress(request.headers.host) ? next() : checkHost(request, response, next);

  app.get('/readyz', checkName, (_request, response) => {
    const current = report();
    response.status(current.ready ? 200 : 503).json(current);
  });

  if (serveMetrics !== undefined) app.get('/metrics', checkName, serveMetrics);

  app.use(checkHost);

  const cors = createCors(limits.corsOrigins);
  // Pages written for Binance expect its header.
  app.use(['/api/v3', '/api/v1'], isPublic ? createCors(limits.corsOrigins ?? ['*']) : cors);
  app.use('/api', cors);
  app.use('/connection', cors, enterBy(door));
  app.use('/emulation', cors);
  app.use(['/api', '/sapi'], guard);
  app.use(api);

  app.use('/examples', (request, response, next) => {
    response.set('Content-Security-Policy', cameOverTls(request) ? upgraded : examplesPolicy);
    next();
  });
  app.use('/examples', express.static(examplesFolder));
  app.use(createPages(dashboardFolder, limits.trustProxy));
};
