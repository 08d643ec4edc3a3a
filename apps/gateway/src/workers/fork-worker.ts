import type { ChildProcess } from 'node:child_process';
import cluster from 'node:cluster';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { workerArguments } from './run-worker.js';
import type { Fork, WorkerExit } from './worker-process.js';

const lookAgainMs = 10;
const main = fileURLToPath(new URL('../main.js', import.meta.url));

/** Starts processes of this program as workers, to which connections are handed in turn. */
export const forkWith =
  (size: number): Fork =>
  (worker, { onBatch, onExit }) => {
    cluster.schedulingPolicy = cluster.SCHED_RR;
    cluster.setupPrimary({ exec: main, args: [...workerArguments({ worker, size })] });
    const forked = cluster.fork();
    const closeUntaken = watchHandovers(forked.process);
    let isOver = false;
    /**
     * When a worker has ended, its last messages may still be on their way, and no event shows that all have arrived:
     * the channel's own event is missing if a connection was on its way.
     */
    const over = (exit: WorkerExit): void => {
      if (forked.isConnected()) {
        setTimeout(over, lookAgainMs, exit);
        return;
      }
      if (isOver) return;
      isOver = true;
      // Otherwise its place in the rotation stays, for the same reason.
      forked.disconnect();
      closeUntaken();
      onExit(exit);
    };
    forked.on('message', onBatch);
    forked.on('exit', (code: number | null, signal: string | null) => over({ code, signal }));
    forked.on('error', () => {
      // The worker could not be started at all. If a message could not be sent, its exit shows that.
      if (forked.process.pid === undefined) over({ code: 1, signal: null });
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

const handover = z.object({ cmd: z.literal('NODE_CLUSTER'), act: z.literal('newconn'), seq: z.number() });
const taken = z.object({ cmd: z.literal('NODE_CLUSTER'), ack: z.number() });

interface Handle {
  close(): void;
}

/**
 * node:cluster closes its own end of a connection when the worker confirms that it has it. If the worker is killed
 * before that, the client would wait for ever. Returns a function that closes such connections.
 */
const watchHandovers = (child: ChildProcess): (() => void) => {
  const untaken = new Map<number, Handle>();
  const { send } = child;
  const watched = (message: unknown, handle?: Handle, ...rest: unknown[]): unknown => {
    const { data } = handover.safeParse(message);
    if (data !== undefined && handle) untaken.set(data.seq, handle);
    return Reflect.apply(send, child, [message, handle, ...rest]);
  };
  Object.assign(child, { send: watched });
  child.on('internalMessage', (message: unknown) => {
    const { data } = taken.safeParse(message);
    if (data !== undefined) untaken.delete(data.ack);
  });
  return () => {
    for (const handle of untaken.values()) handle.close();
    untaken.clear();
  };
};
