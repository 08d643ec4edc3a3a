export interface TurnPaceOptions {
  /** Work in one turn of the event loop, in milliseconds. @default 8 */
  readonly perTurnMs?: number;
  /** Milliseconds that never go back. */
  readonly now: () => number;
}

/**
 * Divides many small pieces of work that become possible at the same moment among turns of the event loop. A client
 * that follows a thousand channels more would otherwise hold up everybody's publications.
 */
export interface TurnPace {
  /** Undefined where the turn has room: the work may be done now. Else a promise of a turn that has, in order. */
  enter(): Promise<void> | undefined;
}

export const createTurnPace = ({ perTurnMs = 8, now }: TurnPaceOptions): TurnPace => {
  /** When the first work of this turn began; undefined before it. */
  let beganAt: number | undefined;
  let isTurning = false;
  /** Bounded by those who wait. */
  let waiting: (() => void)[] = [];
  let next = 0;

  const isOver = (): boolean => beganAt !== undefined && now() - beganAt >= perTurnMs;

  const turn = async (): Promise<void> => {
    isTurning = false;
    beganAt = undefined;
    while (next < waiting.length && !isOver()) {
      beganAt ??= now();
      waiting[next]?.();
      next += 1;
      // The work is done behind a promise.
      await new Promise<void>((resolve) => process.nextTick(resolve));
    }
    if (next === waiting.length) {
      waiting = [];
      next = 0;
    }
    if (beganAt !== undefined) turnLater();
  };

  const turnLater = (): void => {
    if (isTurning) return;
    isTurning = true;
    setImmediate(() => void turn());
  };

  return {
    enter() {
      turnLater();
      if (waiting.length === next && !isOver()) {
        beganAt ??= now();
        return undefined;
      }
      return new Promise((resolve) => waiting.push(resolve));
    },
  };
};
