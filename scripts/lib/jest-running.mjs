import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { root } from './paths.mjs';

/**
 * A Jest reporter that writes the test files now running to the file named by RUNNING_TESTS_FILE: if Jest hangs and is
 * killed, nothing else shows where. Jest requires a default export.
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
