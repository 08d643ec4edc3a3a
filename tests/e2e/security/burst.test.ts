import { describe, expect, it } from '@jest/globals';
import { isNightly } from '../../support/depth.js';
import { openStormRig } from '../../support/storm.js';
import { patientMs } from '../../support/wait-for.js';

describe('a burst of connects', () => {
  it('[GL12] hundreds of attempts at once: each gets an answer, those inside every trade', async () => {
    await using rig = await openStormRig({ CONNECTS_PER_SECOND: '100' });
    const { answers, misplaced, p99Ms } = await rig.storm(isNightly ? 3_000 : 400, 500);
    expect(new Set(Object.keys(answers))).toEqual(new Set(['101', '503']));
    expect(misplaced).toBe(0);
    // How late depends on who else works on this machine; standing still it must not.
    expect(p99Ms).toBeLessThan(patientMs(5_000));
  });
});
