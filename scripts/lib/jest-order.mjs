import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { default: Sequencer } = require('@jest/test-sequencer');

/** @typedef {import('@jest/test-result').Test} Test */

/** These wait most of the time, for servers and browsers. The others compute. */
const WAITING = ['e2e', 'integration'];

/** Of a file that has not run here yet. */
const UNKNOWN_MS = 1_000;

/**
 * The tests of all groups, each group in its order, spread so that all groups end together.
 * @param {readonly (readonly Test[])[]} groups
 * @returns {Test[]}
 */
const spread = (groups) => {
  const placed = groups.flatMap((tests) => {
    const total = tests.reduce((sum, { duration = UNKNOWN_MS }) => sum + duration, 0);
    let before = 0;
    return tests.map((test) => {
      const share = before / total;
      before += test.duration ?? UNKNOWN_MS;
      return { test, share };
    });
  });
  return placed.sort((a, b) => a.share - b.share).map(({ test }) => test);
};

/** Jest's own order, longest first; tests that compute run beside those that wait. Jest requires a default export. */
// biome-ignore lint/style/noDefaultExport: see above
export default class extends Sequencer {
  /** @param {Test[]} tests */
  sort(tests) {
    const sorted = /** @type {Test[]} */ ([...super.sort(tests)]);
    const waits = (/** @type {Test} */ { context }) => WAITING.includes(context.config.displayName?.name ?? '');
    return spread([sorted.filter(waits), sorted.filter((test) => !waits(test))]);
  }
}
