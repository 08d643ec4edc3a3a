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
  type Followed = ReturnType<typeof all>;
  let known: ReadonlySet<InstrumentPipeline> = new Set();
  const restored = (followed: Followed) => followed.map(([each, { forecasting }]) => [each, forecasting] as const);
  /** Returns all of them if any came or went. */
  const look = (): Followed | undefined => {
    if (!pipelines.follow(feed.instruments, clock.monotonic())) return undefined;
    historyPlan.divide(feed.instruments.length);
    return all();
  };
  /** Those that were not there at the last call. */
  const joined = (followed: Followed): Followed => {
    const before = known;
    known = new Set(followed.map(([, pipeline]) => pipeline));
    return followed.filter(([, pipeline]) => !before.has(pipeline));
  };
  return {
    /** Restores their forecasts, and returns the first instruments. */
    async restore(): Promise<Followed> {
      look();
      const first = all();
      await keeper.restore(restored(first));
      return joined(first);
    },
    /** Returns the instruments that joined since the last call. */
    follow(): Followed {
      const followed = look();
      if (followed === undefined) return [];
      keeper.follow(restored(followed));
      return joined(followed);
    },
  };
};
