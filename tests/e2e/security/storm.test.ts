import { describe, expect, it } from '@jest/globals';
import { runStorm } from '../../support/storm.js';

describe('a storm of connects', () => {
  it('[GL12] 20,000 attempts: p99 of those inside under 250 ms, and memory comes back', async () => {
    const report = await runStorm(20_000, 2_000);
    process.stdout.write(`storm: ${JSON.stringify(report)}\n`);
    expect(Object.keys(report.answers).filter((answer) => answer !== '101' && answer !== '503')).toEqual([]);
    expect(report.misplaced).toBe(0);
    expect(report.p99Ms).toBeLessThan(250);
    expect(report.moreRssBytes).toBeLessThan(96 * 2 ** 20);
  }, 200_000);
});
