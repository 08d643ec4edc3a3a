import type { Feed, Instrument } from '@tickwire/market';
import type { Clock } from '@tickwire/protocol';
import type { ForecastKeeper } from './pipeline/forecast-keeper.js';
import type { InstrumentPipeline } from './pipeline/instrument-pipeline.js';
import type { InstrumentPipelines } from './pipeline/instrument-pipelines.js';
import type { HistoryPlan } from './publish/history-plan.js';

export interface FollowedInstrumentsOptions {
  readonly feed: Pick<Feed, 'instruments'>;
  readonly pipelines: Pick<InstrumentPipelines, 'of' | 'follow'>;
  readonly historyPlan: Pick<HistoryPlan, 'divide'>;
  readonly keeper: Pick<ForecastKeeper, 'follow' | 'restore'>;
  readonly clock: Pick<Clock, 'monotonic'>;
}

/** Instruments come and go with the venue's list: pipelines, history and forecasts follow. */
export const createFollowedInstruments = (options: FollowedInstrumentsOptions) => {
  const { feed, pipelines, historyPlan, keeper, clock } = options;
  const all = (): readonly (readonly [Instrument, InstrumentPipeline])[] =>
    feed.instruments.map((each) => [each, pipelines.of(each)]);
  const learners = () => all().map(([each, { forecasting }]) => [each, forecasting] as const);
  /** Returns whether any came or went. */
  const look = (): boolean => {
    const hasChanged = pipelines.follow(feed.instruments, clock.monotonic());
    if (hasChanged) historyPlan.divide(feed.instruments.length);
    return hasChanged;
  };
  return {
    /** Restores their forecasts, and returns the first instruments. */
    async restore() {
      look();
      await keeper.restore(learners());
      return all();
    },
    follow() {
      if (look()) keeper.follow(learners());
    },
  };
};
