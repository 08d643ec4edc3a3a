import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export type Told = Readonly<Record<string, unknown>>;

/** A client in a process of its own, in whatever language, that prints a JSON line for each thing that happens. */
export interface TellingProcess extends AsyncDisposable {
  /** All it printed. @throws Error with what it complained of, when it ended. */
  told(): readonly Told[];
  /** Of one `event`, without that field. */
  of(event: string): readonly Told[];
  /** A JSON line on its input. */
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
