import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** An address through which clients reach a server. */
export interface NarrowLine extends AsyncDisposable {
  readonly port: number;
}

export interface RelayOptions {
  readonly target: { readonly host: string; readonly port: number };
  readonly listenHost: string;
  /** Bytes per second to each client, with almost no buffer; without it there is no limit. */
  readonly bytesPerSecond?: number;
  /** The network namespace in which it runs. @default this one */
  readonly namespace?: string;
}

const script = fileURLToPath(new URL('./python/narrow_line.py', import.meta.url));

/** Any Python 3 will do. */
export const startRelay = async (options: RelayOptions): Promise<NarrowLine> => {
  const { target, listenHost, bytesPerSecond = 0, namespace } = options;
  const command = ['python3', script, target.host, String(target.port), listenHost, String(bytesPerSecond)];
  const [program = '', ...args] = namespace === undefined ? command : ['ip', 'netns', 'exec', namespace, ...command];
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'close');
  const [said] = await Promise.race([once(child.stdout, 'data'), exited]);
  if (!(said instanceof Buffer)) throw new Error('python3 did not start the relay');
  return {
    port: Number(said.toString()),
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await exited;
    },
  };
};

/** A line to a server on 127.0.0.1 that carries this many bytes per second to each client and has almost no buffer. */
export const startNarrowLine = (port: number, bytesPerSecond: number): Promise<NarrowLine> =>
  startRelay({ target: { host: '127.0.0.1', port }, listenHost: '127.0.0.1', bytesPerSecond });
