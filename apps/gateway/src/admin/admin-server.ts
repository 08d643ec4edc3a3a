import { createServer, type Server } from 'node:http';
import type { StateLog } from '@tickwire/runtime';
import type { Router } from 'express';
import { createExpressApp } from '../http/express-app.js';

/** `/admin` on a separate port, which clients need not reach. */
export const createAdminServer = (router: Router, failures: Pick<StateLog, 'failed'>): Server =>
  createServer(
    createExpressApp({
      failures,
      serve: (app) => app.use(router),
      missing(_request, response) {
        response.status(404).json({ error: 'see /admin' });
      },
    }),
  );
