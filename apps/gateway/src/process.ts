import cluster from 'node:cluster';
import { createSystemClock } from '@tickwire/protocol';
import { askedForHelp, runMain, type Scope } from '@tickwire/runtime';
import { createSeats } from './limits/seats.js';
import { gatewayLogger, type ProcessConfig, processConfig, runGateway } from './run-gateway.js';
import { forkWith } from './workers/fork-worker.js';
import { type OpenCrew, openCrew } from './workers/open-crew.js';
import { parseWorkerArguments, runWorker } from './workers/run-worker.js';
import { workerCount } from './workers/worker-count.js';

/**
 * Starts the workers, hands them the connections in turn, and counts what holds for all of them. It serves no client
 * itself.
 */
const runPrimary = async ({ gateway }: ProcessConfig, size: number, scope: Scope): Promise<void> => {
  const logger = gatewayLogger(gateway);
  let crew: OpenCrew | undefined;
  // From the first moment on: without a listener the signal would end this process.
  process.on('SIGUSR2', () => void crew?.restart());
  crew = await openCrew(
    {
      size,
      logger,
      clock: createSystemClock(),
      drainMs: gateway.drainMs,
      fork: forkWith(size),
      seats: createSeats({ limits: gateway.limits }),
    },
    scope,
  );
};

const asWorker = cluster.isWorker ? parseWorkerArguments(process.argv.slice(2)) : undefined;

await runMain(async (environment, scope, end) => {
  if (asWorker !== undefined) return runWorker({ ...asWorker, environment, scope, end });
  if (await askedForHelp(process.argv.slice(2), 'A gateway: serves clients what is in the Redis of REDIS_URL.')) return;
  const config = processConfig(environment);
  // A worker of another program's cluster starts no workers.
  const workers = cluster.isPrimary ? workerCount(config.gateway.gatewayWorkers) : 1;
  if (workers > 1) return runPrimary(config, workers, scope);
  const logger = gatewayLogger(config.gateway);
  // From the first moment on: without a listener the signal would end this process.
  process.on('SIGUSR2', () =>
    logger.warn('SIGUSR2 replaces workers one by one, but GATEWAY_WORKERS is 1: nothing done'),
  );
  const gateway = await runGateway(config, logger, scope);
  logger.info({ port: gateway.port }, `gateway listens on ${gateway.url}`);
  scope.own({ close: () => logger.info('stopping') });
});
