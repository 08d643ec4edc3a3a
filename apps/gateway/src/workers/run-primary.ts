import cluster from 'node:cluster';
import { fileURLToPath } from 'node:url';
import { createSystemClock } from '@tickwire/protocol';
import type { Scope } from '@tickwire/runtime';
import { createSeats } from '../limits/seats.js';
import { gatewayLogger, type ProcessConfig } from '../run-gateway.js';
import { type OpenCrew, openCrew } from './open-crew.js';
import { workerArguments } from './run-worker.js';
import type { Fork, WorkerExit } from './worker-process.js';

const main = fileURLToPath(new URL('../main.js', import.meta.url));

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
};

const forkWith =
  (size: number): Fork =>
  (worker, { onBatch, onExit }) => {
    cluster.schedulingPolicy = cluster.SCHED_RR;
    cluster.setupPrimary({ exec: main, args: [...workerArguments({ worker, size })] });
    const forked = cluster.fork();
    let exit: WorkerExit | undefined;
    let isCutOff = false;
    let isOver = false;
    /** What it said before its end may still be on its way when it ends. */
    const over = (): void => {
      if (exit === undefined || !isCutOff || isOver) return;
      isOver = true;
      onExit(exit);
    };
    forked.on('message', onBatch);
    forked.on('disconnect', () => {
      isCutOff = true;
      over();
    });
    forked.on('exit', (code: number | null, signal: string | null) => {
      exit = { code, signal };
      over();
    });
    forked.on('error', () => {
      // It could not be started at all, or a message could not be sent: its exit tells.
      if (forked.process.pid !== undefined) return;
      [exit, isCutOff] = [{ code: 1, signal: null }, true];
      over();
    });
    return {
      pid: forked.process.pid ?? 0,
      transmit(batch, done) {
        if (forked.isConnected()) forked.send([...batch], () => done());
        else done();
      },
      kill: (signal) => void forked.process.kill(signal),
    };
  };
