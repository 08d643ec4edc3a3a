import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { root } from './paths.mjs';

/**
 * A Jest reporter that keeps the test files now running in the file that RUNNING_TESTS_FILE names: when Jest hangs and is
 * killed, that is all there is to say where. Jest wants a default export.
 */
// biome-ignore lint/style/noDefaultExport: see above
export default class {
  /** @type {Set<string>} */
  #running = new Set();

  /** @param {{ path: string }} test */
  onTestFileStart({ path }) {
    this.#running.add(relative(root, path));
    this.#write();
  }

  /** @param {{ path: string }} test */
  onTestFileResult({ path }) {
    this.#running.delete(relative(root, path));
    this.#write();
  }

  #write() {
    const file = process.env['RUNNING_TESTS_FILE'];
    if (file !== undefined) writeFileSync(file, [...this.#running].join(', '));
  }
}
