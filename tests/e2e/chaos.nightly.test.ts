import { describe, expect, it } from '@jest/globals';
import { runChaos } from '../support/run-chaos.js';

describe('chaos', () => {
  // The seed begins with a Redis that is killed, a leader, a gateway, its connections and a link.
  it('[E30] twenty seconds of faults: nothing is lost in silence, twice, out of order or changed', async () => {
    const report = await runChaos([
      '--seed',
      'short-24142',
      '--minutes',
      '0.35',
      '--clients',
      '60',
      '--ticks',
      '200',
      '--patient',
    ]);
    expect(report.failures).toEqual([]);
    expect(report.totals.publications).toBeGreaterThan(10_000);
    expect(report.truth.seen).toBeGreaterThan(2_000);
    expect(report.rows.reduce((sum, { times }) => sum + times, 0)).toBeGreaterThanOrEqual(4);
  });
});
