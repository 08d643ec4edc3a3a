import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { ClientPlan, WorkerAnswer, WorkerCommand, WorkerResult } from './messages.js';

export interface WorkerPool extends AsyncDisposable {
  /** Clients that should be hearing something and have heard nothing for a second; undefined before all have reported. */
  silent(): number | undefined;
  stay(): void;
  finish(command: Omit<Extract<WorkerCommand, { readonly type: 'finish' }>, 'type' | 'seenFile'>): Promise<void>;
  readonly results: readonly WorkerResult[];
  readonly seenFiles: readonly string[];
}

export interface WorkerPoolOptions {
  /** The bundled program. */
  readonly program: string;
  readonly clients: readonly ClientPlan[];
  readonly workers: number;
  readonly seed: string;
  readonly stayMs: number;
  readonly seenFile: (worker: number) => string;
}

/** Clients in processes of their own, so that checking does not slow down what is checked. */
export const startWorkers = (options: WorkerPoolOptions): WorkerPool => {
  const { program, clients, workers, seed, stayMs, seenFile } = options;
  const results: WorkerResult[] = [];
  const pulses = new Map<number, number>();
  const children = Array.from({ length: workers }, (_, index): ChildProcess => {
    const child = fork(program, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    child.on('message', (message: WorkerAnswer) => {
      if (message.type === 'pulse') pulses.set(index, message.silent);
      else results.push(message.result);
    });
    return child;
  });
  const send = (child: ChildProcess, command: WorkerCommand): void => {
    child.send(command);
  };
  for (const [index, child] of children.entries()) {
    const mine = clients.filter((_, place) => place % workers === index);
    send(child, { type: 'start', clients: mine, seed, stayMs });
  }
  return {
    silent() {
      if (pulses.size < workers) return undefined;
      return [...pulses.values()].reduce((sum, count) => sum + count, 0);
    },
    stay() {
      for (const child of children) send(child, { type: 'stay' });
    },
    async finish(command) {
      for (const [index, child] of children.entries()) {
        send(child, { type: 'finish', ...command, seenFile: seenFile(index) });
      }
      while (results.length < workers) {
        await Promise.race(children.map((child) => once(child, 'message')));
        const ended = children.find(({ exitCode, signalCode }) => exitCode !== null || signalCode !== null);
        if (ended !== undefined)
          throw new Error(`a process of clients ended with ${ended.exitCode ?? ended.signalCode}`);
      }
    },
    results,
    seenFiles: children.map((_, index) => seenFile(index)),
    async [Symbol.asyncDispose]() {
      for (const child of children) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
    },
  };
};
