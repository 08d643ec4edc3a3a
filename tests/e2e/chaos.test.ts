import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { regressions } from '../chaos/regressions.js';
import type { ChaosReport } from '../chaos/report.js';

const program = fileURLToPath(new URL('../../scripts/chaos.mjs', import.meta.url));
const timeoutMs = 240_000;

/** Runs `npm run chaos` with these arguments; what it printed is shown when it failed. */
const runChaos = async (args: readonly string[]): Promise<ChaosReport> => {
  const folder = await mkdtemp(join(tmpdir(), 'tickwire-chaos-report-'));
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
    if (child.exitCode !== 0) throw new Error(`chaos ended with ${child.exitCode ?? child.signalCode}:\n${output}`);
    return JSON.parse(await readFile(file, 'utf8')) as ChaosReport;
  } finally {
    clearTimeout(deadline);
    await rm(folder, { recursive: true, force: true });
  }
};

describe('chaos', () => {
  // The seed begins with a Redis that is killed, a leader, a gateway, its connections and a link.
  it(
    '[E30] half a minute of faults: nothing is lost in silence, twice, out of order or changed',
    async () => {
      const report = await runChaos([
        '--seed',
        'short-24142',
        '--minutes',
        '0.35',
        '--clients',
        '60',
        '--ticks',
        '200',
      ]);
      expect(report.failures).toEqual([]);
      expect(report.totals.publications).toBeGreaterThan(10_000);
      expect(report.truth.seen).toBeGreaterThan(2_000);
      expect(report.rows.reduce((sum, { times }) => sum + times, 0)).toBeGreaterThanOrEqual(4);
    },
    timeoutMs,
  );

  it(
    '[E33] a rolling restart of all gateways: with recovery no client misses a tick',
    async () => {
      const args = ['--seed', 'rolling', '--minutes', '0.1', '--clients', '60', '--faults', 'rolling-restart'];
      const report = await runChaos(args);
      expect(report.failures).toEqual([]);
      const restarts = report.rows.find(({ fault }) => fault === 'rolling-restart');
      expect(restarts).toMatchObject({ silentLosses: 0, duplicates: 0, reorderings: 0, explicitLosses: {} });
      // Asked to come back elsewhere, not cut off.
      expect(report.totals.closes['3001']).toBeGreaterThan(30);
    },
    timeoutMs,
  );

  it.each(regressions.map((regression) => [regression.name, regression.story]))(
    '[E30] %s (%s)',
    async (name) => {
      expect((await runChaos(['--regression', name, '--ticks', '100'])).failures).toEqual([]);
    },
    timeoutMs,
  );
});
