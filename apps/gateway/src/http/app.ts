import { fileURLToPath } from 'node:url';
import express, { type Express, type RequestHandler, type Router } from 'express';
import type { Readiness } from '../readiness.js';
import { createPages } from './pages.js';

const dashboardFolder = fileURLToPath(new URL('../../../dashboard/dist', import.meta.url));
const examplesFolder = fileURLToPath(new URL('../../../../examples', import.meta.url));

/** `examples/plain.html` is the page of the blog post as it was, its script inside it. */
const examplesPolicy = "default-src 'self' 'unsafe-inline'; connect-src 'self' ws: wss:";

export interface HttpAppOptions {
  readonly readiness: Readiness;
  /** In front of everything below `/api`. */
  readonly guard: RequestHandler;
  readonly api: Router;
}

/** What is served beside the sockets. */
export const createHttpApp = ({ readiness, guard, api }: HttpAppOptions): Express => {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);

  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });

  app.get('/readyz', (_request, response) => {
    const reasons = readiness.reasons();
    response.status(reasons.length === 0 ? 200 : 503).json({ ready: reasons.length === 0, reasons });
  });

  app.use('/connection', (_request, response, next) => {
    if (readiness.isDraining) response.status(503).set('Retry-After', '1').json({ error: 'draining' });
    else next();
  });
  app.use('/api', guard);
  app.use(api);

  app.use('/examples', (_request, response, next) => {
    response.set('Content-Security-Policy', examplesPolicy);
    next();
  });
  app.use('/examples', express.static(examplesFolder));
  app.use(createPages(dashboardFolder));

  app.use((request, response) => {
    response.status(404).json({ error: 'not found', path: request.path });
  });
  return app;
};
