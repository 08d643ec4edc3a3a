import express, { type RequestHandler, Router } from 'express';
import { z } from 'zod';
import { createKeyCheck } from '../http/api/api-key.js';
import { ApiProblem, problemReply } from '../http/api/problem.js';
import { sendReply } from '../http/api/send-reply.js';
import type { Fleet } from './fleet.js';

const order = z.object({
  gateway: z.string().min(1).max(64),
  act: z.enum(['drain', 'disconnect']),
  session: z.string().max(64).default(''),
});

/** The JSON interface of operators below `/admin/api`, for who has the token. */
export const createAdminRouter = (token: string, fleet: Fleet): Router => {
  const router = Router();
  const check = createKeyCheck(token);
  const guard: RequestHandler = (request, response, next) => {
    response.set('Cache-Control', 'no-store');
    try {
      check({ header: (name) => request.get(name) });
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error;
      sendReply(response, problemReply(error));
      return;
    }
    next();
  };
  router.use('/admin/api', guard);

  router.get('/admin/api/status', async (_request, response) => {
    response.json({ gateways: await fleet.statuses(), producers: fleet.producers() });
  });

  router.post('/admin/api/command', express.json({ limit: 4_096 }), async (request, response) => {
    const parsed = order.safeParse(request.body);
    if (!parsed.success) {
      response.status(400).json({ error: 'needs gateway, act (drain or disconnect) and, to disconnect, session' });
      return;
    }
    const { gateway, act, session } = parsed.data;
    await fleet.command(gateway, act, session);
    response.status(202).json({ sent: true });
  });
  return router;
};
