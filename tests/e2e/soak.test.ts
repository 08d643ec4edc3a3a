import { describe, expect, it } from '@jest/globals';
import { isNightly } from '../support/depth.js';
import { runReported } from '../support/run-reported.js';

const minutes = isNightly ? 2 : 0.4;

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
      ['--minutes', String(minutes), '--clients', '100', '--leaves', '20'],
      minutes * 60_000 + 150_000,
    );
    expect(failures).toEqual([]);
    expect(samples.length).toBeGreaterThanOrEqual(10);
    for (const opened of Object.values(clients.opened)) expect(opened).toBeGreaterThan(50);
    expect(clients.recovering).toBeGreaterThan(30);
    expect(clients.ticks).toBeGreaterThan(20_000);
  });
});
