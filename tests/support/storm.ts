import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { connectPlain, type PlainClient } from './plain-client.js';
import { startTickwire, type TickwireProcess } from './tickwire-process.js';
import { patientMs, waitFor } from './wait-for.js';

const trades = 'trade.sim.BTC-USD';
const clientCount = 20;

export interface StormReport {
  /** Attempts by the status of their answer, or by how they ended without one. */
  readonly answers: Readonly<Record<string, number>>;
  /** Publications that a connected client missed or received out of order. */
  readonly misplaced: number;
  /** From publication to arrival at the connected clients while the storm lasted. */
  readonly p99Ms: number;
  readonly stormMs: number;
  /** The longest turn of the server's event loop. */
  readonly longestTurnMs: number;
  /** Memory of the server when all others are gone. */
  readonly rssBytes: number;
}

/** Connected clients that receive 100 trades a second, and storms of thousands of connection attempts at once. */
export interface StormRig extends AsyncDisposable {
  /** Memory of the server before the first storm. */
  readonly rssBytes: number;
  storm(attempts: number, atOnce: number): Promise<StormReport>;
}

export const openStormRig = async (env: Readonly<Record<string, string>> = {}): Promise<StormRig> => {
  const server = await startTickwire('standalone', {
    SIM_RATE: '100',
    MAX_CONNECTIONS: '5000',
    MAX_LOOP_LAG_MS: '200',
    MAX_CONNECTIONS_PER_IP: '0',
    ...env,
  });
  const inside: PlainClient[] = [];
  let delays: number[] = [];
  for (let index = 0; index < clientCount; index += 1) {
    const client = await connectPlain(`${server.url}/ws/prediction/?channels=${trades}&last=0`);
    client.socket.on('message', (data) => {
      const { pts } = JSON.parse(data.toString()) as { pts?: number };
      if (pts !== undefined) delays.push(Date.now() - pts);
    });
    inside.push(client);
  }
  await waitFor('trades', () => inside.every(({ messages }) => messages.length > 50));
  const { rssBytes } = await readServer(server);

  return {
    rssBytes,
    async storm(attempts, atOnce) {
      // Reading it starts a new measurement of the longest turn.
      await readServer(server);
      delays = [];
      const began = performance.now();
      const answers = await burst(server.port, attempts, atOnce);
      const stormMs = performance.now() - began;
      delays.sort((a, b) => a - b);
      const p99Ms = delays[Math.floor(delays.length * 0.99)] ?? Number.NaN;
      await waitFor('all others gone', async () => {
        const { connections } = (await (await fetch(`${server.url}/readyz`)).json()) as { connections: number };
        return connections === clientCount;
      });
      const misplaced = inside.map(({ messages }) => gaps(messages.map(({ seq }) => Number(seq))));
      return {
        answers,
        misplaced: misplaced.reduce((sum, each) => sum + each, 0),
        p99Ms,
        stormMs,
        ...(await readServer(server)),
      };
    },
    async [Symbol.asyncDispose]() {
      for (const client of inside) client[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
    },
  };
};

const gaps = (seqs: readonly number[]): number =>
  seqs.filter((seq, index) => index > 0 && seq !== (seqs[index - 1] ?? 0) + 1).length;

const readServer = async ({ url }: TickwireProcess): Promise<Pick<StormReport, 'rssBytes' | 'longestTurnMs'>> => {
  const text = await (await fetch(`${url}/metrics`)).text();
  const valueAt = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
  return {
    rssBytes: valueAt('process_resident_memory_bytes'),
    longestTurnMs: Math.round(valueAt('nodejs_eventloop_lag_max_seconds') * 1_000),
  };
};

const script = fileURLToPath(new URL('connect-burst.mjs', import.meta.url));

const burst = async (port: number, attempts: number, atOnce: number): Promise<Record<string, number>> => {
  const child = spawn(process.execPath, [script, String(port), '/ws/prediction/', String(attempts), String(atOnce)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const deadline = setTimeout(() => child.kill('SIGKILL'), patientMs(150_000));
  await once(child, 'close');
  clearTimeout(deadline);
  return JSON.parse(output) as Record<string, number>;
};
