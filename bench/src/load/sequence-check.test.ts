import { describe, expect, test } from '@jest/globals';
import { noFaults, SequenceCheck } from './sequence-check.js';

const take = (check: SequenceCheck, client: number, channel: number, seqs: readonly number[]): void => {
  for (const seq of seqs) check.take(client, channel, seq, 0);
};

describe('SequenceCheck', () => {
  test('[BN4] finds nothing in sequences that begin anywhere and go on', () => {
    const check = new SequenceCheck(2, 2, 1_000);
    take(check, 0, 0, [5, 6, 7]);
    take(check, 0, 1, [1, 2]);
    take(check, 1, 0, [6, 7]);
    expect(check.faults).toEqual(noFaults());
  });

  test('[BN4] counts gaps, duplicates and ticks after newer ones', () => {
    const check = new SequenceCheck(1, 1, 1_000);
    take(check, 0, 0, [1, 2, 5, 5, 4, 6]);
    expect(check.faults).toEqual({ ...noFaults(), gaps: 2, duplicates: 1, outOfOrder: 1 });
  });

  test('[BN4] a gap the client was notified of is declared', () => {
    const check = new SequenceCheck(1, 1, 1_000);
    take(check, 0, 0, [1]);
    expect(check.take(0, 0, 5, 0)).toBe(false);
    check.declare(3);
    expect(check.faults).toEqual({ ...noFaults(), declaredSkips: 3 });
  });

  test('[BN4] counts ticks that were too old when they came', () => {
    const check = new SequenceCheck(1, 1, 1_000);
    check.take(0, 0, 1, 1_001);
    expect(check.faults.stale).toBe(1);
  });

  test('[BN5] counts what was published and did not come, of the channels a client follows', () => {
    const check = new SequenceCheck(2, 3, 1_000);
    take(check, 0, 0, [1, 2, 3]);
    take(check, 0, 1, [1]);
    take(check, 1, 0, [1, 2]);
    expect(check.missingUpTo(0, [3, 1, 9], [0, 1])).toBe(0);
    expect(check.missingUpTo(1, [3, 1, 9], [0, 1])).toBe(2);
    expect(check.missingUpTo(1, [3, 1, 9], [2])).toBe(9);
  });
});
