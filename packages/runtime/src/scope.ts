/** What can be closed, as almost everything that opens. */
export interface Closable {
  close(): unknown;
}

/** Owns what a start opens, so that what was opened is closed whatever happens later. */
export interface Scope {
  /** Closes the thing with the scope; returns it. */
  own<T extends Closable>(thing: T): T;
  /**
   * Closes all, the youngest first, one after the other; once, however often it is called. One that cannot be closed
   * keeps none of the others open.
   * @throws the first error of those that could not be closed.
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
 * Starts something of several parts. When a part cannot be opened, those opened before are closed again, and the error
 * is that of the part: one of closing comes second.
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
