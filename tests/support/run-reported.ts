import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { patientMs } from './wait-for.js';

/**
 * Runs a script of `scripts/` that writes a report with `--json`, and ends it after the deadline.
 * @throws Error with the end of its output if it failed
 */
export const runReported = async <Report>(
  script: string,
  args: readonly string[],
  deadlineMs: number,
): Promise<Report> => {
  const program = fileURLToPath(new URL(`../../scripts/${script}`, import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), 'tickwire-report-'));
  const file = join(folder, 'report.json');
  const child = spawn(process.execPath, [program, ...args, '--json', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-10_000);
    });
  }
  const deadline = setTimeout(() => child.kill('SIGTERM'), patientMs(deadlineMs));
  try {
    await once(child, 'close');
    if (child.exitCode !== 0) throw new Error(`${script} ended with ${child.exitCode ?? child.signalCode}:\n${output}`);
    return JSON.parse(await readFile(file, 'utf8')) as Report;
  } finally {
    clearTimeout(deadline);
    await rm(folder, { recursive: true, force: true });
  }
};
