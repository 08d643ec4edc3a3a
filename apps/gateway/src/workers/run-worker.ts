import { createSystemClock } from '@tickwire/protocol';
import { type Environment, failureOf, type Scope } from '@tickwire/runtime';
import { gatewayLogger, processConfig, runGateway } from '../run-gateway.js';
import { joinCrew } from './join-crew.js';

export interface WorkerArguments {
  readonly worker: number;
  readonly size: number;
}

export interface RunWorkerOptions extends WorkerArguments {
  readonly environment: Environment;
  readonly scope: Scope;
  /** Ends this process in an orderly way. */
  readonly end: () => void;
}

/** `worker 2 of 4`, which also says in a list of processes which is which. */
export const workerArguments = ({ worker, size }: WorkerArguments): readonly string[] => [
  'worker',
  String(worker),
  'of',
  String(size),
];

export const parseWorkerArguments = ([word, worker, , size]: readonly string[]): WorkerArguments | undefined =>
  word === 'worker' ? { worker: Number(worker), size: Number(size) } : undefined;

/** One of the workers of a gateway. What keeps it from starting is for the primary to say, once for all. */
export const runWorker = async ({ worker, size, environment, scope, end }: RunWorkerOptions): Promise<void> => {
  const { crew, receive, say } = joinCrew({
    worker,
    size,
    onStop: end,
    clock: createSystemClock(),
    transmit(batch, done) {
      // Without the primary this process ends.
      if (process.connected && process.send !== undefined) process.send(batch, () => done());
      else done();
    },
  });
  process.on('message', receive);
  // For the primary; but who sends it may reach all processes of the service.
  process.on('SIGUSR2', () => {});
  try {
    const config = processConfig(environment);
    const logger = gatewayLogger(config.gateway, worker);
    const { port, url, metricsPort, adminPort } = await runGateway(config, logger, scope, crew);
    // Closed first: the primary knows before this worker takes no more clients.
    scope.own({ close: () => say({ type: 'leaving' }) });
    logger.info({ port, metricsPort, adminPort }, 'worker listens');
    await say({ type: 'ready', port, url });
  } catch (error) {
    const { message, exitCode } = failureOf(error);
    await say({ type: 'failed', message, exitCode });
    process.exit(exitCode);
  }
};
