import type { Fleet } from '@tickwire/fleet';
import { Router } from 'express';
import { createAcknowledgements } from '../../timing/acknowledgements.js';
import type { MessageQueue } from '../../timing/message-queue.js';
import type { ClientLives } from '../client-lives.js';
import type { CentrifugeContext } from './context.js';
import { createEmulationRouter } from './emulation/emulation-router.js';
import { createEmulations } from './emulation/emulations.js';
import { createUniRouter } from './uni/uni-router.js';

export interface CentrifugeRouterOptions {
  readonly fleet: Pick<Fleet, 'id' | 'answer' | 'ask'>;
  readonly lives: Pick<ClientLives, 'opened' | 'closed'>;
  readonly messages: Pick<MessageQueue, 'run' | 'forget'>;
}

/**
 * The Centrifuge protocol where there is no WebSocket: one way, and both ways. Documented in
 * docs/protocols/centrifuge.md.
 */
export const createCentrifugeRouter = (
  context: CentrifugeContext,
  { fleet, lives, messages }: CentrifugeRouterOptions,
): Router => {
  const acknowledgements = createAcknowledgements({ logger: context.logger });
  const emulations = createEmulations({ fleet, newId: context.newId });
  const router = Router();
  router.use('/connection', createUniRouter(context, { lives, acknowledgements }));
  router.use(createEmulationRouter({ context, emulations, lives, acknowledgements, messages }));
  return router;
};
