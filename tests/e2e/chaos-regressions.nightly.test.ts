import { describe, expect, it } from '@jest/globals';
import { regressions } from '../chaos/regressions.js';
import { runChaos } from '../support/run-chaos.js';

describe('chaos that found something once, and a rolling restart', () => {
  it('[E33] a rolling restart of all gateways: with recovery no client misses a tick', async () => {
    const args = ['--seed', 'rolling', '--minutes', '0.1', '--clients', '60', '--faults', 'rolling-restart'];
    const report = await runChaos(args);
    expect(report.failures).toEqual([]);
    const restarts = report.rows.find(({ fault }) => fault === 'rolling-restart');
    expect(restarts).toMatchObject({ silentLosses: 0, duplicates: 0, reorderings: 0, explicitLosses: {} });
    // Asked to reconnect elsewhere, not cut off.
    expect(report.totals.closes['3001']).toBeGreaterThan(30);
  });

  it.each(regressions.map((regression) => [regression.name, regression.story]))('[E30] %s (%s)', async (name) => {
    expect((await runChaos(['--regression', name, '--ticks', '100'])).failures).toEqual([]);
  });
});
