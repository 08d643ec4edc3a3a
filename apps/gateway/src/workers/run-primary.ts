import { createSystemClock } from '@tickwire/protocol';
import type { Scope } from '@tickwire/runtime';
import { createSeats } from '../limits/seats.js';
import { gatewayLogger, type ProcessConfig } from '../run-gateway.js';
import { forkWith } from './fork-worker.js';
import { type OpenCrew, openCrew } from './open-crew.js';

/**
 * Starts the workers, hands them the connections in turn, and counts what holds for all of them. It serves no client
 * itself.
 */
export const runPrimary = async ({ gateway }: ProcessConfig, size: number, scope: Scope): Promise<void> => {
  const logger = gatewayLogger(gateway);
  let crew: OpenCrew | undefined;
  // From the first moment on: without a listener the signal would end this process.
  process.on('SIGUSR2', () => void crew?.restart());
  crew = scope.own(
    await openCrew({
      size,
      logger,
      clock: createSystemClock(),
      drainMs: gateway.drainMs,
      fork: forkWith(size),
      seats: createSeats({ limits: gateway.limits }),
    }),
  );
  logger.info({ workers: size }, `gateway listens on ${crew.url} with ${size} workers`);
  scope.own({ close: () => logger.info('stopping') });
};
