import { createImbalanceCenter, type ImbalanceCenterState } from './center/imbalance-center.js';
import type { Method } from './method.js';
import { createPrintGuard, type PrintGuardState } from './print-guard.js';
import { createScoredHorizon, type ScoredHorizon, type ScoredHorizonState } from './scored-horizon.js';
import { readArray, readCount, readNumber, readOptionalNumber, readRecord } from './snapshot-codec.js';
import { createEwmaBank, type EwmaBankState } from './volatility/ewma-bank.js';

const { max, sqrt } = Math;

/** A price as the horizons receive it. */
export interface PricedStep {
  readonly logPrice: number;
  /** The tick as a share of the price. */
  readonly logTick: number;
  readonly imbalance: number | undefined;
}

/**
 * All state of one symbol and grid: a bank of variances, a centre, the horizons over both, and the guard in front.
 * Every call is one grid step, except that a suspect step is held until the next call decides about it.
 */
export interface SymbolCore {
  readonly horizons: readonly ScoredHorizon[];
  readonly badPrices: number;
  /**
   * Returns false for a suspect price, which is held.
   * @param isCarried the price is that of the last step, because nothing was observed since.
   */
  advance(step: PricedStep, isCarried: boolean): boolean;
  /** Passes steps without a price. The return across them is ignored: it is not a return of one step. */
  gap(steps: number): void;
  /** Counts a step whose price has no logarithm as a gap. */
  refuse(): void;
  save(): SymbolCoreState;
  load(state: unknown): void;
}

export interface SymbolCoreState {
  readonly lastLogPrice: number | null;
  readonly held: { readonly logPrice: number; readonly logTick: number; readonly imbalance: number | null } | null;
  readonly refused: number;
  readonly volatility: EwmaBankState;
  readonly guard: PrintGuardState;
  readonly center: ImbalanceCenterState;
  readonly horizons: readonly ScoredHorizonState[];
}

/**
 * Creates the core.
 * @param horizonSteps by horizon.
 * @param centeredIndex the horizon that the imbalance centres; -1 for none. It must be one step long.
 */
export const createSymbolCore = (
  horizonSteps: readonly number[],
  centeredIndex: number,
  method: Method,
): SymbolCore => {
  const bank = createEwmaBank(method.halfLifeSteps, method.maxStillSteps);
  const guard = createPrintGuard();
  const center = createImbalanceCenter();
  const horizons = horizonSteps.map((steps) => createScoredHorizon(steps, method));
  /** The price of the step before; undefined after a gap. */
  let lastLogPrice: number | undefined;
  let held: PricedStep | undefined;
  let refused = 0;

  const apply = ({ logPrice, logTick, imbalance }: PricedStep): void => {
    if (lastLogPrice !== undefined) {
      const move = logPrice - lastLogPrice;
      bank.push(move * move);
      center.learn(move);
    }
    lastLogPrice = logPrice;
    const predicted = center.predict(imbalance);
    for (let i = 0; i < horizons.length; i++) {
      const horizon = horizons[i] as ScoredHorizon;
      horizon.step(logPrice, logTick, bank.variances, i === centeredIndex ? predicted : 0);
    }
  };

  const breakReturns = (): void => {
    lastLogPrice = undefined;
    center.predict(undefined);
  };

  const skip = (steps: number): void => {
    breakReturns();
    for (const horizon of horizons) horizon.skip(steps);
  };

  const dropHeld = (): void => {
    if (held === undefined) return;
    held = undefined;
    skip(1);
  };

  /** The guard remembers across a gap: the first price after an outage may be the bad one. */
  const gap = (steps: number): void => {
    dropHeld();
    skip(steps);
  };

  return {
    horizons,
    get badPrices() {
      return guard.badPrints + refused;
    },
    advance: (step, isCarried) => {
      const sigma = sqrt(max(...bank.variances));
      const verdict = guard.judge(step.logPrice, sigma, isCarried);
      switch (verdict) {
        case 'good':
          break;
        case 'suspect':
          dropHeld();
          held = step;
          return false;
        case 'returned':
          dropHeld();
          break;
        case 'confirmed':
          // The step is processed late, so that forecasts with this target count as the misses they are. The jump
          // itself stays out of the bank, which would take hours to forget it.
          breakReturns();
          if (held !== undefined) apply(held);
          held = undefined;
          break;
      }
      apply(step);
      return true;
    },
    gap,
    refuse: () => {
      refused++;
      gap(1);
    },
    save: () => ({
      lastLogPrice: lastLogPrice ?? null,
      held: held === undefined ? null : { ...held, imbalance: held.imbalance ?? null },
      refused,
      volatility: bank.save(),
      guard: guard.save(),
      center: center.save(),
      horizons: horizons.map((horizon) => horizon.save()),
    }),
    load: (state) => {
      const saved = readRecord(state, 'state');
      lastLogPrice = readOptionalNumber(saved['lastLogPrice'], 'lastLogPrice');
      held = saved['held'] === null ? undefined : readHeld(saved['held']);
      refused = readCount(saved['refused'], 'refused prices');
      bank.load(saved['volatility']);
      guard.load(saved['guard']);
      center.load(saved['center']);
      const states = readArray(saved['horizons'], horizons.length, 'horizons');
      for (let i = 0; i < horizons.length; i++) (horizons[i] as ScoredHorizon).load(states[i]);
    },
  };
};

const readHeld = (state: unknown): PricedStep => {
  const saved = readRecord(state, 'held price');
  return {
    logPrice: readNumber(saved['logPrice'], 'held price'),
    logTick: readNumber(saved['logTick'], 'held tick'),
    imbalance: readOptionalNumber(saved['imbalance'], 'held imbalance'),
  };
};
