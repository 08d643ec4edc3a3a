import { fileURLToPath } from 'node:url';
import type { Child, Children } from './children.js';
import type { CommandReply, Commands } from './serve-commands.js';

/** One of our processes, which takes commands over the IPC channel. */
export interface Worker<T> {
  readonly child: Child;
  /** Calls a command in that process. */
  readonly ask: T;
  kill(): Promise<void>;
}

export interface WorkerOptions {
  readonly name: string;
  /** Its main module, as a path from this package's `dist`. */
  readonly module: string;
  readonly args: readonly string[];
  readonly cores: readonly number[] | undefined;
}

const dist = new URL('..', import.meta.url);

export const modulePath = (module: string): string => fileURLToPath(new URL(module, dist));

export const startWorker = <T extends Commands<T>>(children: Children, options: WorkerOptions): Worker<T> => {
  const child = children.start({
    name: options.name,
    command: process.execPath,
    args: [modulePath(options.module), ...options.args],
    cores: options.cores,
    ipc: true,
  });
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  let lastId = 0;

  child.process.on('message', (message) => {
    const reply = message as CommandReply;
    const call = waiting.get(reply.id);
    waiting.delete(reply.id);
    if ('error' in reply) call?.reject(new Error(`${options.name}: ${reply.error}`));
    else call?.resolve(reply.value);
  });
  child.process.on('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error(`${options.name} ended: ${child.output().trim()}`));
    waiting.clear();
  });

  const ask = new Proxy({} as T, {
    get: (_, name) => (name === 'then' ? undefined : (...args: unknown[]) => call(String(name), args)),
  });
  const call = (name: string, args: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      lastId += 1;
      waiting.set(lastId, { resolve, reject });
      child.process.send({ id: lastId, name, args }, (error) => {
        if (error) reject(new Error(`${options.name}: ${error.message}: ${child.output().trim()}`));
      });
    });

  return { child, ask, kill: child.kill };
};
