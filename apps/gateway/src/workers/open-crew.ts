import { type Clock, createTimers } from '@tickwire/protocol';
import type { Logger, Scope } from '@tickwire/runtime';
import type { OwnSeats } from '../limits/seats.js';
import { type CrewMetrics, createCrewMetrics } from './crew-metrics.js';
import { type Fork, type WorkerExit, WorkerProcess } from './worker-process.js';

export interface OpenCrewOptions {
  readonly size: number;
  readonly fork: Fork;
  readonly seats: OwnSeats;
  /** The time over which a worker sends its clients elsewhere. */
  readonly drainMs: number;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly clock: Pick<Clock, 'after'>;
}

/** The workers of a gateway, kept running by the primary. */
export interface OpenCrew {
  /** Replaces the workers one after the other: a new one serves before an old one leaves. */
  restart(): Promise<void>;
}

/** Time after `drainMs` for the rest of an orderly end. */
const endMs = 15_000;
/** As long as an orchestrator waits for a process that does not answer. A starting worker has the same time. */
const hungSeconds = 60;
const firstBackoffMs = 1_000;
const maxBackoffMs = 30_000;
/** A worker that served this long did not fail at its start. */
const soundSeconds = 60;

/**
 * Starts one worker and, once it serves, the others: so what keeps a worker from starting is logged once. The scope
 * closes them from the first moment on: those that serve send their clients elsewhere, even if others still start.
 * @throws what kept the first worker from starting
 */
export const openCrew = async (options: OpenCrewOptions, scope: Scope): Promise<OpenCrew> => {
  const { size, fork, seats, drainMs, logger, clock } = options;
  const workers = new Set<WorkerProcess>();
  /** How often in a row the worker of this number ended soon after its start. */
  const failures = new Map<number, number>();
  const timers = createTimers(clock);
  let isClosing = false;
  let isOpen = false;
  /** The first worker could not start, and ends by itself. */
  let isFailed = false;
  let isScheduled = false;
  let restarting: Promise<void> | undefined;
  const metrics: CrewMetrics = createCrewMetrics({ workers, size, clock });

  /** Sends each worker the state of all. */
  const sendAll = (): void => {
    const entries = [...workers].map(({ entry }) => entry);
    for (const worker of workers) worker.send({ type: 'crew', workers: entries });
  };
  /** The same, once for all changes in one turn. */
  const scheduleSend = (): void => {
    if (isScheduled) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      sendAll();
    });
  };

  const launch = (worker: number): WorkerProcess => {
    const started = new WorkerProcess({ worker, fork, seats, onChange: scheduleSend, gather: metrics.gather, onExit });
    workers.add(started);
    return started;
  };

  /** The worker ended unasked: another takes its place, after growing pauses if that does not help. */
  const replace = ({ worker, pid, state, servedSeconds, failure }: WorkerProcess, exit: WorkerExit): void => {
    const isOrderly = state === 'leaving' && exit.code === 0;
    const failed = isOrderly || servedSeconds >= soundSeconds ? 0 : (failures.get(worker) ?? 0);
    const delayMs = failed === 0 ? 0 : Math.min(maxBackoffMs, firstBackoffMs * 2 ** (failed - 1));
    if (!isOrderly) failures.set(worker, failed + 1);
    const reason = failure?.message;
    const details = { worker, workerPid: pid, ...exit, ...(reason && { reason }), servedSeconds, nextInMs: delayMs };
    if (isOrderly) logger.info(details, 'a worker left: another takes its place');
    else logger.error(details, 'a worker ended unexpectedly: another takes its place');
    timers.after(delayMs, () => void launch(worker));
  };

  const onExit = (worker: WorkerProcess, exit: WorkerExit): void => {
    workers.delete(worker);
    metrics.ended(worker, exit);
    scheduleSend();
    if (isOpen && !isClosing && !worker.isDismissed) replace(worker, exit);
  };

  /**
   * Before it leaves, the worker learns whether others serve: if so, it still accepts clients that are on their way to
   * it.
   */
  const dismiss = async (worker: WorkerProcess): Promise<WorkerExit> => {
    sendAll();
    worker.dismiss();
    const cancel = timers.after(drainMs + endMs, () => {
      logger.error({ worker: worker.worker, workerPid: worker.pid }, 'a worker did not end in time and is killed');
      worker.kill();
    });
    const exit = await worker.exited;
    cancel();
    return exit;
  };

  const serves = async (worker: WorkerProcess): Promise<boolean> => {
    const reason = await worker.ready.then(
      () => undefined,
      (error: Error) => error.message,
    );
    if (reason === undefined) return true;
    logger.error({ worker: worker.worker, reason }, 'restart given up: a new worker does not start, the others stay');
    return false;
  };

  const restartAll = async (): Promise<void> => {
    logger.info({ workers: workers.size }, 'the workers are replaced one after the other');
    for (const old of [...workers]) {
      if (isClosing) return;
      // A worker that ended meanwhile already has a successor.
      if (!workers.has(old)) continue;
      const next = launch(old.worker);
      next.isDismissed = true;
      if (!(await serves(next))) return;
      next.isDismissed = false;
      if (isClosing) return;
      // The old one may have ended by itself, and has a successor then.
      await dismiss(workers.has(old) ? old : next);
    }
    logger.info({ workers: workers.size }, 'all workers were replaced');
  };

  const second = (): void => {
    for (const worker of workers) {
      worker.silentSeconds += 1;
      if (worker.state === 'serving') worker.servedSeconds += 1;
      // One that leaves has a deadline of its own.
      if (worker.state === 'leaving' || worker.silentSeconds !== hungSeconds) continue;
      logger.error({ worker: worker.worker, workerPid: worker.pid }, 'a worker hangs and is killed');
      worker.kill();
    }
    scheduleSend();
    timers.after(1_000, second);
  };

  /** @throws Error if a worker did not end in an orderly way. */
  const close = async (): Promise<void> => {
    isClosing = true;
    timers.cancelAll();
    if (isFailed) return;
    logger.info('stopping');
    const started = [...workers].filter(({ state }) => state !== 'starting');
    for (const worker of workers) worker.state = 'leaving';
    await Promise.all([...workers].map(dismiss));
    const exits = await Promise.all(started.map(({ exited }) => exited));
    if (exits.some(({ code }) => code !== 0)) throw new Error('a worker did not end in good order');
  };

  scope.own({ close });
  timers.after(1_000, second);
  const { url } = await launch(1).ready.catch((error: unknown) => {
    isFailed = !isClosing;
    timers.cancelAll();
    throw error;
  });
  isOpen = true;
  const others = Array.from({ length: isClosing ? 0 : size - 1 }, (_, index) => launch(index + 2));
  await Promise.allSettled(others.map(({ ready }) => ready));
  if (!isClosing) logger.info({ workers: size }, `gateway listens on ${url} with ${size} workers`);

  return {
    restart() {
      // One that is asked for meanwhile begins when this one is done: what it is to load may be newer.
      const next = (restarting ?? Promise.resolve()).then(restartAll);
      restarting = next;
      return next;
    },
  };
};
