import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const program = fileURLToPath(new URL('../../scripts/soak.mjs', import.meta.url));
const timeoutMs = 180_000;

interface Report {
  readonly failures: readonly string[];
  readonly samples: readonly unknown[];
  readonly clients: {
    readonly opened: Readonly<Record<string, number>>;
    readonly recovering: number;
    readonly ticks: number;
  };
}

/** Runs `npm run soak` with these arguments; what it printed is shown when it failed. */
const runSoak = async (args: readonly string[]): Promise<Report> => {
  const folder = await mkdtemp(join(tmpdir(), 'tickwire-soak-report-'));
  const file = join(folder, 'report.json');
  const child = spawn(process.execPath, [program, ...args, '--json', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-10_000);
    });
  }
  const deadline = setTimeout(() => child.kill('SIGTERM'), timeoutMs - 10_000);
  try {
    await once(child, 'close');
    if (child.exitCode !== 0) throw new Error(`the soak ended with ${child.exitCode ?? child.signalCode}:\n${output}`);
    return JSON.parse(await readFile(file, 'utf8')) as Report;
  } finally {
    clearTimeout(deadline);
    await rm(folder, { recursive: true, force: true });
  }
};

describe('soak', () => {
  it(
    '[E61] a hundred clients that come and go leave nothing behind and miss nothing',
    async () => {
      const { failures, samples, clients } = await runSoak(['--minutes', '0.4', '--clients', '100', '--leaves', '20']);
      expect(failures).toEqual([]);
      expect(samples.length).toBeGreaterThanOrEqual(20);
      for (const opened of Object.values(clients.opened)) expect(opened).toBeGreaterThan(50);
      expect(clients.recovering).toBeGreaterThan(30);
      expect(clients.ticks).toBeGreaterThan(20_000);
    },
    timeoutMs,
  );
});
