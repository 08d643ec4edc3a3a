import { createHorizon } from '../horizon.js';
import { methodOf } from '../method.js';
import { createEwmaBank } from '../volatility/ewma-bank.js';

const { abs, log } = Math;

export interface HorizonRunOptions {
  readonly horizonSteps: number;
  /** @default 1000 */
  readonly gridMs?: number;
  /** @default 0.01 */
  readonly tickSize?: number;
}

export interface HorizonStep {
  readonly sigma: number;
  /** Absent for the first 100 prices. */
  readonly halfWidths?: readonly number[];
  /** The outcome that this step resolves. */
  readonly resolved?: {
    readonly return: number;
    readonly halfWidths?: readonly number[];
    readonly covered?: readonly boolean[];
  };
}

/** Runs one horizon with its own bank, without a guard or a centre. A step without a price is undefined, and a gap. */
export const runHorizon = (
  prices: readonly (number | undefined)[],
  { horizonSteps, gridMs = 1000, tickSize = 0.01 }: HorizonRunOptions,
): (HorizonStep | undefined)[] => {
  const method = methodOf(gridMs);
  const bank = createEwmaBank(method.halfLifeSteps, method.maxStillSteps);
  const horizon = createHorizon(horizonSteps, method);
  let last: number | undefined;
  return prices.map((price) => {
    const logPrice = price === undefined ? undefined : log(price);
    if (logPrice !== undefined && last !== undefined) bank.push((logPrice - last) ** 2);
    last = logPrice;
    if (price === undefined || logPrice === undefined) {
      horizon.skip(1);
      return undefined;
    }
    const outcome = horizon.step(logPrice, tickSize / price, bank.variances, 0);
    const { sigma, calibrated } = horizon.current;
    const made = { sigma, ...(calibrated && { halfWidths: [...horizon.current.halfWidths] }) };
    if (outcome === undefined) return made;
    const halfWidths = [...outcome.halfWidths];
    const covered = halfWidths.map((halfWidth) => abs(outcome.return) <= halfWidth);
    return { ...made, resolved: { return: outcome.return, ...(outcome.calibrated && { halfWidths, covered }) } };
  });
};
