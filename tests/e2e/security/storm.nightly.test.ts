import { describe, expect, it } from '@jest/globals';
import { openStormRig, type StormReport } from '../../support/storm.js';

const mebibyte = 2 ** 20;

const expectClean = ({ answers, misplaced }: StormReport): void => {
  expect(Object.keys(answers).sort()).toEqual(['101', '503']);
  expect(misplaced).toBe(0);
};

describe('storms of connects', () => {
  it('[GL12] 20,000 attempts, twice: clean answers, and nothing lost inside', async () => {
    await using rig = await openStormRig();
    const storms = [await rig.storm(20_000, 2_000), await rig.storm(20_000, 2_000)];
    // Latency is printed, for whoever runs this on a quiet machine: it decides nothing here.
    process.stdout.write(`storms: ${JSON.stringify(storms)}\n`);
    for (const storm of storms) expectClean(storm);
  });

  it('[GL12] memory comes back: what a storm brought in is not there after the next', async () => {
    // Barely enough for one: what is kept of it would end the server.
    await using rig = await openStormRig({ NODE_OPTIONS: '--max-old-space-size=72' });
    for (let count = 0; count < 3; count += 1) {
      const storm = await rig.storm(20_000, 2_000);
      expectClean(storm);
      expect(storm.rssBytes - rig.rssBytes).toBeLessThan(64 * mebibyte);
    }
  });
});
