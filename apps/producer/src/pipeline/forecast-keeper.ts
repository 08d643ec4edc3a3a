import type { Instrument } from '@tickwire/market';
import { type Logger, type StateStore, settledWithin } from '@tickwire/runtime';
import type { Forecasting } from './forecasting.js';

export interface ForecastKeeperOptions {
  readonly state: StateStore;
  readonly logger: Logger;
  /** The present on the feed's own timeline. */
  readonly now: () => number;
  /** How long a start waits for kept state. @default 3_000 */
  readonly restoreMs?: number;
}

type Learner = Pick<Forecasting, 'snapshot' | 'restore'>;

/**
 * Keeps the learned state of forecasts, so that a restart or another leader does not begin cold. A failure costs only
 * warmth.
 */
export interface ForecastKeeper {
  /** Restores each instrument with kept state, and takes note of all instruments for saving. */
  restore(learners: readonly (readonly [Instrument, Learner])[]): Promise<void>;
  /** Sets the instruments to be saved from now on. */
  follow(learners: readonly (readonly [Instrument, Learner])[]): void;
  /** Saves the next instrument in turn. Does nothing while the last save is running. */
  saveNext(): Promise<void>;
  saveAll(): Promise<void>;
  /** Instruments that began anew although something was kept, or may have been. */
  readonly unrestored: number;
}

export const createForecastKeeper = (options: ForecastKeeperOptions): ForecastKeeper => {
  const { state, logger, now, restoreMs = 3_000 } = options;
  let kept: readonly (readonly [Instrument, Learner])[] = [];
  let next = 0;
  let isSaving = false;
  let isFailing = false;
  let unrestored = 0;

  const nameOf = ({ venue, symbol }: Instrument): string => `forecast:${venue}:${symbol}`;

  const save = async ([instrument, learner]: readonly [Instrument, Learner]): Promise<void> => {
    const snapshot = learner.snapshot();
    if (snapshot === undefined) return;
    try {
      await state.save(nameOf(instrument), snapshot);
      if (isFailing) logger.info('the learned state of forecasts is saved again');
      isFailing = false;
    } catch (error) {
      if (!isFailing) logger.warn({ err: error, ...instrument }, 'the learned state of forecasts cannot be saved');
      isFailing = true;
    }
  };

  return {
    async restore(learners) {
      kept = learners;
      let isOver = false;
      let restored = 0;
      let late = learners.length;
      const rejected: { venue: string; symbol: string; reason: string }[] = [];
      const restoreOne = async ([instrument, learner]: readonly [Instrument, Learner]): Promise<void> => {
        let reason: string | undefined;
        try {
          const snapshot = await state.load(nameOf(instrument));
          // The forecasts have begun without it by now.
          if (isOver) return;
          if (snapshot !== undefined) {
            reason = learner.restore(snapshot, now());
            if (reason === undefined) restored += 1;
          }
        } catch (error) {
          reason = error instanceof Error ? error.message : String(error);
        }
        late -= 1;
        if (reason !== undefined) rejected.push({ venue: instrument.venue, symbol: instrument.symbol, reason });
      };
      await settledWithin(restoreMs, Promise.all(learners.map(restoreOne)));
      isOver = true;
      unrestored += rejected.length + late;
      const [example] = rejected;
      if (restored > 0) logger.info({ restored }, 'forecasts continue where they stopped');
      if (example !== undefined)
        logger.warn({ rejected: rejected.length, ...example }, 'forecasts begin anew: the saved state cannot be used');
      if (late > 0) logger.warn({ late, waitedMs: restoreMs }, 'forecasts begin anew: the saved state came too late');
    },
    follow(learners) {
      kept = learners;
    },
    async saveNext() {
      const learner = kept[next % Math.max(1, kept.length)];
      if (learner === undefined || isSaving) return;
      next += 1;
      isSaving = true;
      await save(learner);
      isSaving = false;
    },
    async saveAll() {
      await Promise.all(kept.map(save));
    },
    get unrestored() {
      return unrestored;
    },
  };
};
