export interface TurnstileOptions {
  /** Passes in one turn of the event loop. @default 8 */
  readonly perTurn?: number;
  /** @default 4_096 */
  readonly maxWaiting?: number;
}

/**
 * Lets newcomers through a few in a turn of the event loop, in the order they came: a thousand handshakes that arrive
 * together would else be done in one turn, and those inside would get nothing meanwhile.
 */
export interface Turnstile {
  /** Calls `pass` at once or in a later turn; false, and never, where too many wait. */
  enter(pass: () => void): boolean;
}

export const createTurnstile = ({ perTurn = 8, maxWaiting = 4_096 }: TurnstileOptions = {}): Turnstile => {
  let waiting: (() => void)[] = [];
  let next = 0;
  /** Of this turn. */
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
