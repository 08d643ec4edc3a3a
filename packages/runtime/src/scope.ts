/** Anything that can be closed, like almost everything that opens. */
export interface Closable {
  close(): unknown;
}

/** Owns everything a start opens, so that it is closed whatever happens later. */
export interface Scope {
  /** Registers the thing for closing; returns it. */
  own<T extends Closable>(thing: T): T;
  /**
   * Closes everything, the youngest first, one after the other; once, however often it is called. A failed close does
   * not keep the others open.
   * @throws the first error of closing.
   */
  close(): Promise<void>;
}

export const createScope = (): Scope => {
  const owned: Closable[] = [];
  let closing: Promise<void> | undefined;

  const closeAll = async (): Promise<void> => {
    const errors: unknown[] = [];
    for (let thing = owned.pop(); thing !== undefined; thing = owned.pop()) {
      try {
        await thing.close();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  };

  return {
    own(thing) {
      owned.push(thing);
      return thing;
    },
    close() {
      closing ??= closeAll();
      return closing;
    },
  };
};

/**
 * Starts something with several parts. When a part cannot be opened, the earlier parts are closed again. The error
 * thrown is that of the part, not one of closing.
 */
export const startInScope = async <T>(start: (scope: Scope) => Promise<T>): Promise<T> => {
  const scope = createScope();
  try {
    return await start(scope);
  } catch (error) {
    await scope.close().catch(() => {});
    throw error;
  }
};

/** Resolves with the promise, or after this time without it. */
export const settledWithin = async (ms: number, promise: Promise<unknown>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, late]);
  clearTimeout(timer);
};
