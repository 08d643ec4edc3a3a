import { createServer, type Server } from 'node:http';
import express, { type Router } from 'express';
import { secureHeaders } from '../http/secure-headers.js';

/** `/admin` on a port of its own, which clients need not reach. */
export const createAdminServer = (router: Router): Server => {
  const app = express();
  app.disable('x-powered-by');
  app.set('etag', false);
  app.use(secureHeaders, router);
  app.use((_request, response) => {
    response.status(404).json({ error: 'see /admin' });
  });
  return createServer(app);
};
