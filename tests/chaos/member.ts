import type { AppName, TickwireProcess } from '../support/tickwire-process.js';
import { startTickwire } from '../support/tickwire-process.js';
import { waitFor } from '../support/wait-for.js';

export interface MemberOptions {
  readonly name: string;
  readonly app: AppName;
  /** Its environment. `start` counts its starts from 1. */
  readonly variables: (start: number) => Readonly<Record<string, string>>;
}

/** One place in the deployment, with the process that fills it at the moment. */
export interface Member extends AsyncDisposable {
  readonly name: string;
  readonly starts: number;
  readonly process: TickwireProcess;
  /** All that its processes wrote. */
  output(): string;
  /** Resolves once it is ready. */
  start(): Promise<void>;
}

/** Starting may fail for a moment: the port is still held, Redis is away. As a supervisor would, it is tried again. */
const startMs = 30_000;

export const createMember = ({ name, app, variables }: MemberOptions): Member => {
  let current: TickwireProcess | undefined;
  let starts = 0;
  const outputs: string[] = [];
  const running = (): TickwireProcess => {
    if (current === undefined) throw new Error(`${name} was never started`);
    return current;
  };
  return {
    name,
    get starts() {
      return starts;
    },
    get process() {
      return running();
    },
    output: () => [...outputs, current?.output() ?? ''].join('\n'),
    async start() {
      if (current !== undefined) outputs.push(current.output());
      starts += 1;
      let reason = '';
      const attempt = (): Promise<TickwireProcess | undefined> =>
        startTickwire(app, variables(starts)).catch((error: unknown) => {
          reason = String(error);
          outputs.push(reason);
          return undefined;
        });
      current = await waitFor(`${name} to start`, attempt, startMs).catch((error: Error) => {
        throw new Error(`${error.message}: ${reason}`);
      });
    },
    async [Symbol.asyncDispose]() {
      await current?.stop('SIGKILL');
    },
  };
};
