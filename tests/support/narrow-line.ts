import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A line to a server of 127.0.0.1 that carries so many bytes a second to each client and buffers next to nothing. */
export interface NarrowLine extends AsyncDisposable {
  readonly port: number;
}

const script = fileURLToPath(new URL('./python/narrow_line.py', import.meta.url));

/** Any Python 3 will do. */
export const startNarrowLine = async (targetPort: number, bytesPerSecond: number): Promise<NarrowLine> => {
  const child = spawn('python3', [script, String(targetPort), String(bytesPerSecond)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'close');
  const [said] = await Promise.race([once(child.stdout, 'data'), exited]);
  if (!(said instanceof Buffer)) throw new Error('python3 did not start the narrow line');
  return {
    port: Number(said.toString()),
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await exited;
    },
  };
};
