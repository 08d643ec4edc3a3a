import { decodeBytes, decodeFloats, encodeBytes, encodeFloats, readCount, readRecord } from './snapshot-codec.js';

const { min } = Math;

/**
 * Rows of numbers that are returned exactly `delaySteps` grid steps after they were put in. Bounded by construction:
 * one slot per step. A step either takes the due row and puts a new one, or skips.
 */
export interface DelayLine {
  /** The row put `delaySteps` steps ago, or undefined if that step had none. Read it before `put`, which reuses it. */
  due(): Float64Array | undefined;
  /** Returns the slot of this step, to be filled by the caller. Ends the step. */
  put(): Float64Array;
  /** Passes steps without rows; returns how many rows became due meanwhile and were dropped. */
  skip(steps: number): number;
  save(): DelayLineState;
  load(state: unknown): void;
}

export interface DelayLineState {
  readonly slot: number;
  readonly filled: string;
  readonly rows: string;
}

export const createDelayLine = (delaySteps: number, width: number): DelayLine => {
  const memory = new Float64Array(delaySteps * width);
  const rows = Array.from({ length: delaySteps }, (_, i) => memory.subarray(i * width, (i + 1) * width));
  const filled = new Uint8Array(delaySteps);
  let slot = 0;

  const advance = (): void => {
    slot = slot + 1 === delaySteps ? 0 : slot + 1;
  };

  return {
    due: () => (filled[slot] === 1 ? rows[slot] : undefined),
    put: () => {
      const row = rows[slot] as Float64Array;
      filled[slot] = 1;
      advance();
      return row;
    },
    skip: (steps) => {
      let dropped = 0;
      for (let i = 0; i < min(steps, delaySteps); i++) {
        if (filled[slot] === 1) dropped++;
        filled[slot] = 0;
        advance();
      }
      // After a full turn every slot is empty, so the position in the ring no longer matters.
      return dropped;
    },
    save: () => ({ slot, filled: encodeBytes(filled), rows: encodeFloats(memory) }),
    load: (state) => {
      const saved = readRecord(state, 'delay line');
      slot = readCount(saved['slot'], 'delay line slot') % delaySteps;
      filled.set(decodeBytes(saved['filled'], delaySteps, 'delay line marks'));
      decodeFloats(saved['rows'], memory, 'delay line rows');
    },
  };
};
