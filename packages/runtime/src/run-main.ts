import { config as loadDotenv } from 'dotenv';
import { ConfigError, type Environment } from './environment.js';
import { type Scope, startInScope } from './scope.js';

/** A start that cannot succeed for a reason the operator can fix. Shown as one line, exit code 1. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly code = 'CANNOT_START';
}

/** Runs until the process receives a signal to stop. */
export interface Running {
  /** Ends in an orderly way. */
  close(): Promise<void>;
}

/**
 * The life of a process: read `.env` and the environment, start, then close everything in the scope on SIGTERM, SIGINT
 * or SIGHUP (a second signal ends at once). Exit code 0 after an orderly close, 2 for a bad variable, 1 for everything
 * else.
 */
export const runMain = async (start: (environment: Environment, scope: Scope) => Promise<void>): Promise<void> => {
  loadDotenv({ quiet: true });
  // The reader of the logs may go away, for example to restart: without these listeners the next line would end us.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  let running: Running;
  try {
    running = await startInScope(async (scope) => {
      await start(process.env, scope);
      return scope;
    });
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exit(error instanceof ConfigError ? 2 : 1);
  }
  let isClosing = false;
  const stop = (): void => {
    if (isClosing) process.exit(1);
    isClosing = true;
    running.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${explain(error)}\n`);
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, stop);
};

const explain = (error: unknown): string => {
  if (error instanceof ConfigError || error instanceof StartError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
};
