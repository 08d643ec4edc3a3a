import { loadDotenvFile } from './dotenv-file.js';
import { ConfigError, type Environment } from './environment.js';
import { createScope, type Scope } from './scope.js';

/** A start that cannot succeed for a reason the operator can fix. Shown as one line, exit code 1. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly code = 'CANNOT_START';
}

/** Ctrl-C again so much later is meant as such. */
const impatientMs = 1_000;

/** Runs until the process receives a signal to stop. */
export interface Running {
  /** Ends in an orderly way. */
  close(): Promise<void>;
}

/**
 * The life of a process: read `.env` and the environment, start, then close everything in the scope on SIGTERM, SIGINT
 * or SIGHUP, or when `end` is called. A start that waits, as for Redis, is ended in the same way. Exit code 0 after an
 * orderly close, 2 for a bad variable, 1 for everything else.
 */
export const runMain = async (
  start: (environment: Environment, scope: Scope, end: () => void) => Promise<void>,
): Promise<void> => {
  // The reader of the logs may go away, for example to restart: without these listeners the next line would end us.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const fail = (error: unknown): never => {
    const { message, exitCode } = failureOf(error);
    process.stderr.write(`${message}\n`);
    process.exit(exitCode);
  };
  const scope = createScope();
  let isEnding = false;
  const end = (): void => {
    if (isEnding) return;
    isEnding = true;
    scope.close().then(() => process.exit(0), fail);
  };
  // One wish to stop arrives as several signals: a terminal's Ctrl-C from the terminal and from npm, systemd's SIGTERM
  // with a SIGHUP behind it. Only a person who asks again ends it at once.
  let interruptedAt: number | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (signal === 'SIGINT' && now - (interruptedAt ?? now) >= impatientMs) process.exit(1);
    if (signal === 'SIGINT') interruptedAt ??= now;
    end();
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop);
  try {
    loadDotenvFile('.env', process.env);
    await start(process.env, scope, end);
  } catch (error) {
    // What is being closed cannot start.
    if (isEnding) return;
    isEnding = true;
    await scope.close().catch(() => {});
    fail(error);
  }
};

/**
 * Writes what a command was asked for to standard output. A reader may go away when it has enough.
 * @throws StartError when it cannot be written, as to a full disk: a command without its result has not succeeded.
 */
export const print = (text: string): Promise<void> =>
  new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => {
      const code = (error as NodeJS.ErrnoException | null | undefined)?.code;
      if (error == null || code === 'EPIPE') resolve();
      else reject(new StartError(`standard output cannot be written: ${code}`, { cause: error }));
    });
  });

/**
 * Reads the command line of a program that only variables configure: true if it asked for help, which is then printed.
 * @throws ConfigError for any other argument: what nobody takes notice of is not set.
 */
export const askedForHelp = async (args: readonly string[], summary: string): Promise<boolean> => {
  const stray = args.find((arg) => arg !== '--help' && arg !== '-h');
  const configured = 'variables of the environment, or of a file .env, configure it: see .env.example';
  if (stray !== undefined) throw new ConfigError(`${JSON.stringify(stray)} is not an option: ${configured}`);
  if (args.length === 0) return false;
  await print(`${summary}\nNo options: ${configured}\n`);
  return true;
};

/** What a process says of an error that ends it, and its exit code. */
export const failureOf = (error: unknown): { readonly message: string; readonly exitCode: 1 | 2 } => {
  if (error instanceof ConfigError) return { message: error.message, exitCode: 2 };
  if (error instanceof StartError) return { message: error.message, exitCode: 1 };
  return { message: error instanceof Error ? (error.stack ?? error.message) : String(error), exitCode: 1 };
};
