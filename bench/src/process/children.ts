import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface ChildOptions {
  /** In messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Cores it may run on; anywhere when undefined. */
  readonly cores: readonly number[] | undefined;
  /** Beside PATH and HOME; nothing else of the surroundings goes in. */
  readonly env?: Readonly<Record<string, string>>;
  /** Opens an IPC channel. */
  readonly ipc?: boolean;
}

/** A program that ends with us, whatever happens. */
export interface Child {
  readonly pid: number;
  readonly process: ChildProcess;
  /** The last it wrote. */
  output(): string;
  /** Resolves with the first match in what it writes. @throws Error when it ended, or after the deadline. */
  wrote(pattern: RegExp, deadlineMs?: number): Promise<RegExpExecArray>;
  /** Ends it at once and waits. Idempotent. */
  kill(): Promise<void>;
}

export interface Children {
  start(options: ChildOptions): Child;
  isRunning(child: Child): boolean;
  /** Ends all at once, without waiting: for the end of this process. */
  killAll(): void;
}

export const createChildren = (): Children => {
  const running = new Set<ChildProcess>();

  const killAll = (): void => {
    for (const child of running) child.kill('SIGKILL');
  };
  process.once('exit', killAll);
  for (const [signal, exitCode] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    process.once(signal, () => process.exit(exitCode));
  }

  const start = (options: ChildOptions): Child => {
    const { name, cores, env = {}, ipc = false } = options;
    const pinned = cores === undefined ? [] : ['taskset', '-c', cores.join(',')];
    const [command = options.command, ...args] = [...pinned, options.command, ...options.args];
    const child = spawn(command, args, {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], NODE_ENV: 'production', ...env },
      stdio: ['pipe', 'pipe', 'pipe', ...(ipc ? (['ipc'] as const) : [])],
    });
    running.add(child);
    let output = '';
    const collect = (chunk: Buffer): void => {
      output = (output + chunk.toString()).slice(-20_000);
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    child.on('error', (error) => collect(Buffer.from(error.message)));
    child.on('exit', () => running.delete(child));
    child.on('error', () => running.delete(child));

    return {
      pid: child.pid ?? 0,
      process: child,
      output: () => output,
      async wrote(pattern, deadlineMs = 20_000) {
        const deadline = Date.now() + deadlineMs;
        for (;;) {
          const found = pattern.exec(output);
          if (found !== null) return found;
          if (!running.has(child)) throw new Error(`${name} ended: ${output.trim()}`);
          if (Date.now() > deadline) throw new Error(`${name} did not start within ${deadlineMs} ms: ${output.trim()}`);
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      },
      async kill() {
        if (!running.has(child)) return;
        const exited = once(child, 'exit');
        child.kill('SIGKILL');
        await exited;
      },
    };
  };

  return { start, killAll, isRunning: (child) => running.has(child.process) };
};
