import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collectOutput } from '../../../../tests/support/collected-output.js';
import { runBacktest } from '../backtest.js';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A temporary directory with files. */
export interface Workbench extends AsyncDisposable {
  path(name: string): string;
  write(name: string, content: string | Uint8Array): Promise<string>;
  run(...args: readonly string[]): Promise<Ran>;
}

export const createWorkbench = async (): Promise<Workbench> => {
  const directory = await mkdtemp(join(tmpdir(), 'backtest-'));
  const path = (name: string): string => join(directory, name);
  return {
    path,
    write: async (name, content) => {
      await writeFile(path(name), content);
      return path(name);
    },
    run: async (...args) => {
      const output = collectOutput();
      const code = await runBacktest(['--plot', path('plots/plot.svg'), ...args], output.terminal);
      return { code, out: output.out, err: output.err };
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  };
};
