import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { root } from './repository.js';

// Scripts have no declarations: they run as they are.
const { settledTally, tallyOf } = await import(join(root, 'scripts/lib/jest-phase.mjs'));

/** Jest's report of files and the states of their tests. */
const report = (files: Readonly<Record<string, readonly string[]>>) => ({
  testResults: Object.entries(files).map(([file, states]) => ({
    name: join(root, file),
    status: states.length > 0 && states.every((status) => status === 'passed') ? 'passed' : 'failed',
    assertionResults: states.map((status, i) => ({ status, fullName: `test ${i}` })),
  })),
});

describe('files that failed and ran again, alone', () => {
  const first = tallyOf(
    report({ a: ['passed', 'passed'], b: ['passed', 'failed', 'failed'], c: [], d: ['passed', 'pending'] }),
  );

  it('a report is counted test by test; a file that did not load and a skipped test have failed', () => {
    expect(first.passed).toBe(4);
    expect(first.failures).toEqual(['b › test 1', 'b › test 2', 'c did not load', 'd › test 1 (pending)']);
  });

  it('what passes alone has passed and is named; what fails again, or for the first time, has failed', () => {
    const again = tallyOf(report({ b: ['failed', 'passed', 'failed'], c: ['passed'], d: ['passed', 'pending'] }));
    expect(settledTally(first, again)).toEqual({
      tally: { passed: 5, failures: ['b › test 0', 'b › test 2', 'd › test 1 (pending)'] },
      unsteady: ['b › test 1', 'c did not load'],
    });
  });

  it('a failure that belongs to no file stays, and so does one of the second run', () => {
    const open = 'tests left something open';
    const killed = { passed: 0, failures: ['what failed, alone: Jest failed, see above'] };
    const { tally } = settledTally({ ...first, failures: [...first.failures, open] }, killed);
    expect(tally).toEqual({ passed: 2, failures: [open, ...killed.failures] });
  });
});
