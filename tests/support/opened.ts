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
