import { afterEach } from '@jest/globals';

type Opened = AsyncDisposable | Disposable;

/** Returns a function that keeps what a test opens. After each test all of it is closed, the newest first. */
export const closedAfterEach = (): (<T extends Opened>(resource: T) => T) => {
  const opened: Opened[] = [];
  afterEach(async () => {
    for (const resource of opened.splice(0).reverse()) {
      if (Symbol.asyncDispose in resource) await resource[Symbol.asyncDispose]();
      else resource[Symbol.dispose]();
    }
  });
  return (resource) => {
    opened.push(resource);
    return resource;
  };
};

/** Returns a list of functions that are called after each test, the newest first. */
export const undoneAfterEach = (): (() => unknown)[] => {
  const undos: (() => unknown)[] = [];
  afterEach(async () => {
    for (const undo of undos.splice(0).reverse()) await undo();
  });
  return undos;
};
