import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { connectPlain, type PlainClient } from './plain-client.js';
import { startTickwire } from './tickwire-process.js';
import { waitFor } from './wait-for.js';

const trades = 'trade.sim.BTC-USD';
const clientCount = 20;

export interface StormReport {
  /** Attempts by the status of their answer, or by what became of them without one. */
  readonly answers: Readonly<Record<string, number>>;
  /** Publications that somebody inside did not get, or got in another place. */
  readonly misplaced: number;
  /** From publishing to arriving at those inside while the storm lasted. */
  readonly p99Ms: number;
  readonly stormMs: number;
  /** Of the server, when all is over, above what it had before. */
  readonly moreRssBytes: number;
}

/** A server with clients inside that get 100 trades a second, and so many attempts to get in, thousands at once. */
export const runStorm = async (
  attempts: number,
  atOnce: number,
  env: Readonly<Record<string, string>> = {},
): Promise<StormReport> => {
  await using server = await startTickwire('standalone', {
    SIM_RATE: '100',
    MAX_CONNECTIONS: '5000',
    MAX_LOOP_LAG_MS: '200',
    MAX_CONNECTIONS_PER_IP: '0',
    ...env,
  });
  const rss = async (): Promise<number> => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    return Number(/^process_resident_memory_bytes (\d+)$/m.exec(text)?.[1]);
  };
  const delays: number[] = [];
  let isStorm = false;
  const inside: PlainClient[] = [];
  try {
    for (let index = 0; index < clientCount; index += 1) {
      const client = await connectPlain(`${server.url}/ws/prediction/?channels=${trades}&last=0`);
      client.socket.on('message', (data) => {
        const { pts } = JSON.parse(data.toString()) as { pts?: number };
        if (isStorm && pts !== undefined) delays.push(Date.now() - pts);
      });
      inside.push(client);
    }
    await waitFor('trades', () => inside.every(({ messages }) => messages.length > 50));
    const rssBefore = await rss();
    isStorm = true;
    const began = performance.now();
    const answers = await burst(server.port, attempts, atOnce);
    const stormMs = performance.now() - began;
    isStorm = false;
    await waitFor('all others gone', async () => {
      const { connections } = (await (await fetch(`${server.url}/readyz`)).json()) as { connections: number };
      return connections === clientCount;
    });
    const misplaced = inside.map(({ messages }) => gaps(messages.map(({ seq }) => Number(seq))));
    delays.sort((a, b) => a - b);
    return {
      answers,
      misplaced: misplaced.reduce((sum, each) => sum + each, 0),
      p99Ms: delays[Math.floor(delays.length * 0.99)] ?? Number.NaN,
      stormMs,
      moreRssBytes: (await rss()) - rssBefore,
    };
  } finally {
    for (const client of inside) client[Symbol.dispose]();
  }
};

const gaps = (seqs: readonly number[]): number =>
  seqs.filter((seq, index) => index > 0 && seq !== (seqs[index - 1] ?? 0) + 1).length;

const script = fileURLToPath(new URL('connect-burst.mjs', import.meta.url));

const burst = async (port: number, attempts: number, atOnce: number): Promise<Record<string, number>> => {
  const path = `/ws/prediction/?channels=${trades}`;
  const child = spawn(process.execPath, [script, String(port), path, String(attempts), String(atOnce)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const deadline = setTimeout(() => child.kill('SIGKILL'), 150_000);
  await once(child, 'close');
  clearTimeout(deadline);
  return JSON.parse(output) as Record<string, number>;
};
