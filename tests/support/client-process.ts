import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export type PrintedEvent = Readonly<Record<string, unknown>>;

/** A client in its own process, in any language, that prints a line of JSON for each event. */
export interface ClientProcess extends AsyncDisposable {
  /** Everything it printed. @throws Error with its error output if it ended */
  printed(): readonly PrintedEvent[];
  /** Those of one `event`, without that field. */
  of(event: string): readonly PrintedEvent[];
  /** Writes a line of JSON to its input. */
  write(message: unknown): void;
}

export const startClientProcess = (
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ClientProcess => {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  const ended = once(child, 'close');
  const all: PrintedEvent[] = [];
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-4_000);
  });
  createInterface({ input: child.stdout }).on('line', (line) => all.push(JSON.parse(line) as PrintedEvent));
  const printed = (): readonly PrintedEvent[] => {
    if (child.exitCode !== null) throw new Error(`${command} ${args.join(' ')} ended: ${complaints}`);
    return all;
  };
  return {
    printed,
    of: (kind) => printed().flatMap(({ event, ...fields }) => (event === kind ? [fields] : [])),
    write(message) {
      child.stdin.write(`${JSON.stringify(message)}\n`);
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
};
