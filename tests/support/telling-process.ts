import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export type Told = Readonly<Record<string, unknown>>;

/** A client in its own process, in any language, that prints a line of JSON for each event. */
export interface TellingProcess extends AsyncDisposable {
  /** Everything it printed. @throws Error with its error output if it ended */
  told(): readonly Told[];
  /** Those of one `event`, without that field. */
  of(event: string): readonly Told[];
  /** Writes a line of JSON to its input. */
  write(message: unknown): void;
}

export const startTelling = (
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): TellingProcess => {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  const ended = once(child, 'close');
  const all: Told[] = [];
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-4_000);
  });
  createInterface({ input: child.stdout }).on('line', (line) => all.push(JSON.parse(line) as Told));
  const told = (): readonly Told[] => {
    if (child.exitCode !== null) throw new Error(`${command} ${args.join(' ')} ended: ${complaints}`);
    return all;
  };
  return {
    told,
    of: (kind) => told().flatMap(({ event, ...fields }) => (event === kind ? [fields] : [])),
    write(message) {
      child.stdin.write(`${JSON.stringify(message)}\n`);
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
};
