import { describe, expect, it } from '@jest/globals';
import { isNightly } from '../support/depth.js';
import { runReported } from '../support/run-reported.js';

/** Of the nightly run. */
const share = isNightly ? 1 : 0.25;

interface Report {
  readonly failures: readonly string[];
  readonly samples: readonly unknown[];
  readonly clients: {
    readonly opened: Readonly<Record<string, number>>;
    readonly recovering: number;
    readonly ticks: number;
  };
}

describe('soak', () => {
  it('[E61] clients that come and go leave nothing behind and miss nothing', async () => {
    const { failures, samples, clients } = await runReported<Report>(
      'soak.mjs',
      ['--minutes', String(0.4 * share), '--clients', '100', '--leaves', '20'],
      170_000,
    );
    expect(failures).toEqual([]);
    expect(samples.length).toBeGreaterThanOrEqual(20 * share);
    for (const opened of Object.values(clients.opened)) expect(opened).toBeGreaterThan(50 * share);
    expect(clients.recovering).toBeGreaterThan(30 * share);
    expect(clients.ticks).toBeGreaterThan(20_000 * share);
  });
});
