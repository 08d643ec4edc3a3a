import { readOptionalNumber, readRecord } from './snapshot-codec.js';

const { abs, max } = Math;

/**
 * The verdict on a price, in one step:
 * - `good`: continue with it;
 * - `suspect`: it is impossibly far from the last good price; wait for the next one;
 * - `returned`: good, and the suspect before it was a bad print;
 * - `confirmed`: good, and so was the suspect before it: the market has moved there.
 */
export type PrintVerdict = 'good' | 'suspect' | 'returned' | 'confirmed';

/**
 * Holds back a price that no market move explains until the next one shows whether it was real. One bad print of ten
 * times the price would dominate every variance of the bank for a day.
 */
export interface PrintGuard {
  /** Suspects that turned out to be bad prints. */
  readonly badPrints: number;
  /**
   * Judges a price.
   * @param sigma of one step, the highest value the bank knows.
   * @param isCarried nothing was observed since the last step: the price is the old one, and confirms nothing.
   */
  judge(logPrice: number, sigma: number, isCarried: boolean): PrintVerdict;
  save(): PrintGuardState;
  load(state: unknown): void;
}

export interface PrintGuardState {
  readonly good: number | null;
  readonly suspect: number | null;
  readonly badPrints: number;
}

/** A move is suspect when it is above both: a share of the price, and a multiple of sigma. */
const minSuspectMove = 0.05;
const suspectSigmas = 30;

export const createPrintGuard = (): PrintGuard => {
  let good: number | undefined;
  let suspect: number | undefined;
  let badPrints = 0;

  return {
    get badPrints() {
      return badPrints;
    },
    judge: (logPrice, sigma, isCarried) => {
      const limit = max(minSuspectMove, suspectSigmas * sigma);
      const isNear = (other: number | undefined): boolean => other !== undefined && abs(logPrice - other) <= limit;
      if (good === undefined || isNear(good)) {
        const returned = suspect !== undefined;
        if (returned) badPrints++;
        good = logPrice;
        suspect = undefined;
        return returned ? 'returned' : 'good';
      }
      if (isNear(suspect)) {
        if (isCarried) return 'suspect';
        good = logPrice;
        suspect = undefined;
        return 'confirmed';
      }
      if (suspect !== undefined) badPrints++;
      suspect = logPrice;
      return 'suspect';
    },
    save: () => ({ good: good ?? null, suspect: suspect ?? null, badPrints }),
    load: (state) => {
      const saved = readRecord(state, 'print guard');
      good = readOptionalNumber(saved['good'], 'good price');
      suspect = readOptionalNumber(saved['suspect'], 'suspect price');
      badPrints = readOptionalNumber(saved['badPrints'], 'bad prints') ?? 0;
    },
  };
};
