export interface TurnstileOptions {
  /** Passes per turn of the event loop. @default 8 */
  readonly perTurn?: number;
  /** @default 4_096 */
  readonly maxWaiting?: number;
}

/**
 * Admits newcomers a few per turn of the event loop, in order. Otherwise a thousand handshakes that arrive together
 * would run in one turn, and connected clients would get nothing meanwhile.
 */
export interface Turnstile {
  /** Calls `pass` at once or in a later turn. Returns false, and never calls it, if too many wait. */
  enter(pass: () => void): boolean;
}

export const createTurnstile = ({ perTurn = 8, maxWaiting = 4_096 }: TurnstileOptions = {}): Turnstile => {
  let waiting: (() => void)[] = [];
  let next = 0;
  /** In this turn. */
  let passed = 0;
  let isTurning = false;

  const turn = (): void => {
    isTurning = false;
    passed = 0;
    if (next < waiting.length) turnAgain();
    while (passed < perTurn && next < waiting.length) {
      const pass = waiting[next];
      next += 1;
      passed += 1;
      pass?.();
    }
    if (next < waiting.length || next === 0) return;
    waiting = [];
    next = 0;
  };

  const turnAgain = (): void => {
    if (isTurning) return;
    isTurning = true;
    setImmediate(turn);
  };

  return {
    enter(pass) {
      if (waiting.length - next >= maxWaiting) return false;
      turnAgain();
      if (passed < perTurn && next === waiting.length) {
        passed += 1;
        pass();
      } else {
        waiting.push(pass);
      }
      return true;
    },
  };
};
