import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { default: Sequencer } = require('@jest/test-sequencer');

/** Tests that wait come first; tests that compute fill the gaps and the end. */
const ORDER = ['e2e', 'integration', 'slow', 'unit'];

/** Jest's own order, longest first, within each project. Jest requires a default export. */
// biome-ignore lint/style/noDefaultExport: see above
export default class extends Sequencer {
  /** @param {import('@jest/test-result').Test[]} tests */
  sort(tests) {
    const rank = (/** @type {import('@jest/test-result').Test} */ { context }) =>
      ORDER.indexOf(context.config.displayName?.name ?? '');
    return [...super.sort(tests)].sort((a, b) => rank(a) - rank(b));
  }
}
