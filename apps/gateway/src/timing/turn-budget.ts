export interface TurnBudgetOptions {
  /** Bytes of work per turn of the event loop: encoding them takes some 3 ms. @default 262_144 */
  readonly perTurn?: number;
}

/**
 * Divides large pieces of work among turns of the event loop, for all callers together: as much per turn as fits. A
 * thousand clients that ask for all of history at once then hold up nobody's ticks.
 */
export interface TurnBudget {
  /** Does the work on each item, in order. `work` returns how many bytes it was. @throws what the work throws. */
  each<T>(items: Iterable<T>, work: (item: T) => number): Promise<void>;
}

export const createTurnBudget = ({ perTurn = 262_144 }: TurnBudgetOptions = {}): TurnBudget => {
  let spent = 0;
  let isTurning = false;
  /** Bounded by the number of reads that may be under way. */
  const waiting: (() => void)[] = [];

  /** One at a time: the next takes what this one leaves of the turn only if it is a new turn by then. */
  const turn = (): void => {
    isTurning = false;
    spent = 0;
    waiting.shift()?.();
    if (waiting.length > 0) turnLater();
  };

  const turnLater = (): void => {
    if (isTurning) return;
    isTurning = true;
    setImmediate(turn);
  };

  const nextTurn = (): Promise<void> =>
    new Promise((resolve) => {
      waiting.push(resolve);
      turnLater();
    });

  return {
    async each(items, work) {
      for (const item of items) {
        // Work that comes while other work waits does not overtake it.
        while (spent >= perTurn) await nextTurn();
        spent += work(item);
        turnLater();
      }
    },
  };
};
