export interface TurnsOptions {
  /** Work in one turn of the event loop, in milliseconds. @default 8 */
  readonly perTurnMs?: number;
  /** Milliseconds that never go back. @default performance.now */
  readonly now?: () => number;
}

/**
 * Divides work that becomes possible at the same moment among turns of the event loop. A client that follows a thousand
 * channels more, or asks for all of history, would otherwise hold up everybody's publications.
 */
export interface Turns {
  /**
   * Returns undefined if the turn has room: the work may be done now. Else a promise of a turn that has, in the order of
   * arrival. Long work follows the short work of a turn; at least one piece of it is done in each.
   */
  enter(isLong?: boolean): Promise<void> | undefined;
  /** Does the work on each item, in order. @throws what the work throws */
  each<T>(items: Iterable<T>, work: (item: T) => void): Promise<void>;
}

export const createTurns = ({ perTurnMs = 8, now = () => performance.now() }: TurnsOptions = {}): Turns => {
  /** When the first work of this turn began; undefined before it. */
  let beganAt: number | undefined;
  let isTurning = false;
  const short = createLine();
  const long = createLine();

  const isOver = (): boolean => beganAt !== undefined && now() - beganAt >= perTurnMs;

  const serve = async (line: Line): Promise<void> => {
    beganAt ??= now();
    line.next();
    // The work is done behind promises: it is part of the turn.
    await new Promise<void>((resolve) => process.nextTick(resolve));
  };

  const turn = async (): Promise<void> => {
    isTurning = false;
    beganAt = undefined;
    while (short.waiting > 0 && !isOver()) await serve(short);
    for (let isFirst = true; long.waiting > 0 && (isFirst || !isOver()); isFirst = false) await serve(long);
    if (beganAt !== undefined) turnLater();
  };

  const turnLater = (): void => {
    if (isTurning) return;
    isTurning = true;
    // As a microtask: ticks of the process then wait for all promises of the work before them.
    setImmediate(() => queueMicrotask(turn));
  };

  const enter = (isLong = false): Promise<void> | undefined => {
    turnLater();
    if (short.waiting === 0 && (!isLong || long.waiting === 0) && !isOver()) {
      beganAt ??= now();
      return undefined;
    }
    return new Promise((isLong ? long : short).add);
  };

  return {
    enter,
    async each(items, work) {
      let isInside = false;
      for (const item of items) {
        // Awaited only if there is no room: the others must see what is done in this turn.
        const turn = isInside && !isOver() ? undefined : enter();
        if (turn !== undefined) await turn;
        isInside = true;
        work(item);
      }
    },
  };
};

interface Line {
  readonly waiting: number;
  add(enter: () => void): void;
  next(): void;
}

/** Bounded by those who wait. */
const createLine = (): Line => {
  let all: (() => void)[] = [];
  let served = 0;
  return {
    get waiting() {
      return all.length - served;
    },
    add(enter) {
      all.push(enter);
    },
    next() {
      all[served]?.();
      served += 1;
      if (served < all.length) return;
      all = [];
      served = 0;
    },
  };
};
