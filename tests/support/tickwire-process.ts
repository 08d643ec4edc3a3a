import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { urlFor } from './limited-users.js';
import { patientMs, waitFor } from './wait-for.js';

const repository = fileURLToPath(new URL('../..', import.meta.url));

export type AppName = 'producer' | 'gateway' | 'standalone';

/** One of our apps in its own process, as built. */
export interface TickwireProcess extends AsyncDisposable {
  readonly pid: number;
  /** Where it listens: the port of the gateway's page, or of the producer's health. */
  readonly port: number;
  readonly url: string;
  /** Everything it wrote so far, on standard output and error. */
  readonly output: () => string;
  /** From now on nobody reads what it writes. */
  stopReading(): void;
  kill(signal: NodeJS.Signals): void;
  /** Ends it and resolves with its exit code; null if a signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** An app that is expected to end by itself. */
export interface EndedApp {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

type Variables = Readonly<Record<string, string>>;

/** Only the variables of this process that every process needs: a developer's own settings must not matter. */
const environment = (variables: Variables): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  NODE_ENV: 'production',
  LOG_LEVEL: 'info',
  // Otherwise the number of cores would change what is tested.
  GATEWAY_WORKERS: '1',
  ...variables,
});

const withUser = (app: AppName, { REDIS_URL, ...others }: Variables): Variables => {
  if (REDIS_URL === undefined || app === 'standalone')
    return { ...others, ...(REDIS_URL !== undefined && { REDIS_URL }) };
  return { ...others, REDIS_URL: urlFor(app, REDIS_URL) };
};

export interface ProcessOptions {
  /** Its limit of open files, as by `ulimit -n`. @default the limit of this process */
  readonly openFiles?: number;
  /** Arguments of its command line. @default none */
  readonly args?: readonly string[];
  /** A file descriptor its log goes to. @default it is read here */
  readonly log?: number;
}

/** Starts an app and waits for nothing. */
export const spawnTickwire = (
  app: AppName,
  variables: Variables,
  { openFiles, args: given = [], log }: ProcessOptions = {},
): ChildProcess => {
  const command = [process.execPath, `apps/${app}/dist/main.js`, ...given] as const;
  const limited = ['bash', '-c', `ulimit -n ${openFiles} && exec "$0" "$@"`, ...command] as const;
  const [file, ...args] = openFiles === undefined ? command : limited;
  return spawn(file, args, {
    cwd: repository,
    env: environment(withUser(app, variables)),
    stdio: ['ignore', log ?? 'pipe', 'pipe'],
  });
};

/**
 * A machine that is busy with other tests is not an overload of the app, and a test that reads late still expects to
 * receive everything: nothing is skipped because of its age, or because a burst found the reader busy, and a slow
 * reader is not closed.
 */
export const patientLimits = {
  MAX_LOOP_LAG_MS: '60000',
  MAX_STALE_MS: '0',
  MAX_OUTBOX_BYTES: '67108864',
  SLOW_DEADLINE_MS: '600000',
};

/**
 * The past before the start is computed for each symbol: a day of six takes two seconds of a processor. A test whose
 * subject is that past asks for it.
 */
const simulated = { SYMBOLS: 'BTC-USD', SIM_PAST_MINUTES: '2' };
const isSimulated = (app: AppName, { FEED = 'simulated' }: Variables): boolean =>
  app !== 'gateway' && FEED === 'simulated';

/**
 * The line with which each app reports that it listens: for a standalone the gateway's, which follows the producer's.
 */
const listens: Readonly<Record<AppName, RegExp>> = {
  producer: /health on http:\/\/localhost:(\d+)/,
  gateway: /listens on https?:\/\/localhost:(\d+)/,
  standalone: /is at https?:\/\/localhost:(\d+)/,
};

/** Starts an app on a free port and resolves once it says where it listens. */
export const startTickwire = async (
  app: AppName,
  variables: Variables = {},
  options: ProcessOptions = {},
): Promise<TickwireProcess> => {
  const child = spawnTickwire(
    app,
    {
      PORT: '0',
      HEALTH_PORT: '0',
      HOST: '127.0.0.1',
      ...patientLimits,
      ...(isSimulated(app, variables) && simulated),
      ...variables,
    },
    options,
  );
  let output = '';
  const collect = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-200_000);
  };
  child.stdout?.on('data', collect);
  child.stderr?.on('data', collect);
  const exited = once(child, 'exit');
  const port = await waitFor(
    `${app} to listen`,
    () => {
      if (child.exitCode !== null) throw new Error(`${app} ended with ${child.exitCode}: ${output}`);
      return Number(listens[app].exec(output)?.[1]);
    },
    40_000,
  ).catch((error: unknown) => {
    // Otherwise it would continue without an owner, and start after all.
    child.kill('SIGKILL');
    throw new Error(`${app} does not listen, and says: ${output}`, { cause: error });
  });
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      if (signal !== 'SIGSTOP') child.kill('SIGCONT');
      await exited;
    }
    return child.exitCode;
  };
  return {
    pid: child.pid ?? 0,
    port,
    url: `http://127.0.0.1:${port}`,
    output: () => output,
    stopReading() {
      child.stdout?.destroy();
      child.stderr?.destroy();
    },
    kill: (signal) => child.kill(signal),
    stop,
    async [Symbol.asyncDispose]() {
      await stop('SIGKILL');
    },
  };
};

/** Runs an app that must end by itself, such as one with an invalid variable. */
export const runTickwire = (app: AppName, variables: Variables = {}, options: ProcessOptions = {}): Promise<EndedApp> =>
  ended(
    spawnTickwire(app, { PORT: '0', HEALTH_PORT: '0', HOST: '127.0.0.1', ...patientLimits, ...variables }, options),
  );

/** Runs a program in its own process: an ES module that may import the packages, as built. */
export const runScript = (script: string): Promise<EndedApp> =>
  ended(
    spawn(process.execPath, ['--input-type=module', '-e', script], {
      cwd: repository,
      env: environment({}),
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );

const ended = async (child: ChildProcess): Promise<EndedApp> => {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const deadline = setTimeout(() => child.kill('SIGKILL'), patientMs(20_000));
  await once(child, 'close');
  clearTimeout(deadline);
  return { exitCode: child.exitCode, stdout, stderr };
};
