import { AsyncLocalStorage } from 'node:async_hooks';
import { TestEnvironment } from 'jest-environment-node';

/** @typedef {AsyncLocalStorage<unknown>} Storage */

/** @type {Set<Storage>} used since the last test file ended */
const used = new Set();
const { run } = AsyncLocalStorage.prototype;

/** @this {Storage} */
AsyncLocalStorage.prototype.run = function (/** @type {unknown[]} */ ...args) {
  used.add(this);
  return Reflect.apply(run, this, args);
};

/**
 * Jest's environment for Node, which also leaves no AsyncLocalStorage behind. Jest makes one for each test file and never
 * disables it, and below Node 24 each costs every promise of the process: after fifty files, an await took ten times as
 * long. Jest requires a default export.
 */
// biome-ignore lint/style/noDefaultExport: see above
export default class extends TestEnvironment {
  /** @override */
  async teardown() {
    for (const storage of used) storage.disable();
    used.clear();
    await super.teardown();
  }
}
