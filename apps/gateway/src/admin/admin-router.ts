import { fileURLToPath } from 'node:url';
import { adminActs } from '@tickwire/protocol';
import express, { type ErrorRequestHandler, type RequestHandler, Router } from 'express';
import { z } from 'zod';
import { sendReply } from '../http/api/api.js';
import { createKeyCheck } from '../http/api/api-key.js';
import { ApiProblem, problemReply } from '../http/api/problem.js';
import { createPages } from '../http/pages.js';
import type { Operators } from './operators.js';

const pageFolder = fileURLToPath(new URL('../../../admin/dist', import.meta.url));

const order = z.object({
  gateway: z.string().min(1).max(64),
  act: z.enum(adminActs),
  session: z.string().max(64).default(''),
});

/**
 * The operators' page at `/admin`, and its JSON below `/admin/api` for requests with the token. The page itself holds
 * no secret: it asks for the token. Lower case only, so that `/ADMIN` cannot bypass a rule of a proxy in front.
 */
export const createAdminRouter = (token: string, operators: Operators, onRefused: () => void): Router => {
  const router = Router({ caseSensitive: true });
  const check = createKeyCheck(token);
  const guard: RequestHandler = (request, response, next) => {
    response.set('Cache-Control', 'no-store');
    try {
      check({ header: (name) => request.get(name) });
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      onRefused();
      sendReply(response, problemReply(error));
      return;
    }
    next();
  };
  router.use('/admin/api', guard);

  router.get('/admin/api/status', async (_request, response) => {
    response.json(await operators.view());
  });

  router.post('/admin/api/command', express.json({ limit: 4_096 }), async (request, response) => {
    const parsed = order.safeParse(request.body);
    if (!parsed.success) {
      response
        .status(400)
        .json({ error: 'gateway and act (drain or disconnect) are required; disconnect also requires session' });
      return;
    }
    const { gateway, act, session } = parsed.data;
    await operators.command(gateway, act, session);
    response.status(202).json({ sent: true });
  });

  const failed: ErrorRequestHandler = (error, _request, response, _next) => {
    const status = statusOf(error);
    response.status(status).json({ error: status === 503 ? 'Redis is unreachable' : 'invalid JSON' });
  };
  router.use('/admin/api', failed);
  router.use('/admin', createPages(pageFolder));
  return router;
};

/** For an unreadable body the parser gives the status; any other failure comes from the layer. */
const statusOf = (error: unknown): number => {
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 0;
  return status >= 400 && status < 500 ? status : 503;
};
