import type { Instrument } from '@tickwire/market';
import type { Logger, StateStore } from '@tickwire/runtime';
import type { Forecasting } from './forecasting.js';

export interface ForecastKeeperOptions {
  readonly state: StateStore;
  readonly logger: Logger;
  /** Where the feed stands on its own timeline. */
  readonly now: () => number;
}

type Learner = Pick<Forecasting, 'snapshot' | 'restore'>;

/** Keeps what the forecasts have learnt, so that a restart or another leader does not begin cold. Failing costs warmth only. */
export interface ForecastKeeper {
  /** Restores each instrument that has something kept, and remembers all of them for saving. */
  restore(learners: readonly (readonly [Instrument, Learner])[]): Promise<void>;
  /** Saves one instrument, the next in turn. Does nothing while the save before is still under way. */
  saveNext(): Promise<void>;
  saveAll(): Promise<void>;
}

const restoreDeadlineMs = 3_000;

export const createForecastKeeper = ({ state, logger, now }: ForecastKeeperOptions): ForecastKeeper => {
  let kept: readonly (readonly [Instrument, Learner])[] = [];
  let next = 0;
  let isSaving = false;

  const nameOf = ({ venue, symbol }: Instrument): string => `forecast:${venue}:${symbol}`;

  const save = async ([instrument, learner]: readonly [Instrument, Learner]): Promise<void> => {
    const snapshot = learner.snapshot();
    if (snapshot === undefined) return;
    try {
      await state.save(nameOf(instrument), snapshot);
    } catch (error) {
      logger.debug({ err: error, ...instrument }, 'forecast state not saved');
    }
  };

  const restoreOne = async ([instrument, learner]: readonly [Instrument, Learner]): Promise<void> => {
    const snapshot = await state.load(nameOf(instrument));
    if (snapshot !== undefined && learner.restore(snapshot, now())) logger.info(instrument, 'forecast restored');
  };

  return {
    async restore(learners) {
      kept = learners;
      let timer: NodeJS.Timeout | undefined;
      const deadline = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, restoreDeadlineMs);
      });
      await Promise.race([Promise.allSettled(learners.map(restoreOne)), deadline]);
      clearTimeout(timer);
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
  };
};
