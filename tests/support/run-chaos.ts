import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ChaosReport } from '../chaos/report.js';

const program = fileURLToPath(new URL('../../scripts/chaos.mjs', import.meta.url));
/** For the test that runs it. */
export const chaosTimeoutMs = 240_000;

/** Runs `npm run chaos` with these arguments; what it printed is shown when it failed. */
export const runChaos = async (args: readonly string[]): Promise<ChaosReport> => {
  const folder = await mkdtemp(join(tmpdir(), 'tickwire-chaos-report-'));
  const file = join(folder, 'report.json');
  const child = spawn(process.execPath, [program, ...args, '--json', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-10_000);
    });
  }
  const deadline = setTimeout(() => child.kill('SIGTERM'), chaosTimeoutMs - 10_000);
  try {
    await once(child, 'close');
    if (child.exitCode !== 0) throw new Error(`chaos ended with ${child.exitCode ?? child.signalCode}:\n${output}`);
    return JSON.parse(await readFile(file, 'utf8')) as ChaosReport;
  } finally {
    clearTimeout(deadline);
    await rm(folder, { recursive: true, force: true });
  }
};
