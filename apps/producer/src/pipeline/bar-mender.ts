import type { Feed, Instrument } from '@tickwire/market';
import type { StateLog } from '@tickwire/runtime';
import type { InstrumentPipeline } from './instrument-pipeline.js';

export interface BarMenderOptions {
  readonly feed: Pick<Feed, 'past'>;
  /** The present on the feed's own timeline. */
  readonly now: () => number;
  /** Standbys would request the same minutes. */
  readonly isLeading: () => boolean;
  /** Logs venues that cannot be reached. */
  readonly log: Pick<StateLog, 'failed' | 'worked'>;
  readonly pipelines: () => Iterable<Instrument & Pick<InstrumentPipeline, 'lacking' | 'mend' | 'giveUp'>>;
}

/** Requests minutes that closed without all of their trades from the venue, once they are over. */
export interface BarMender {
  /**
   * Checks once; does nothing while the last check is running. An unreachable venue is asked again at the next check.
   */
  run(): Promise<void>;
}

const minuteMs = 60_000;
/** Time after the end of a bar until the venue has all of it. */
export const settleMs = 5_000;
/** A venue that has answered this often without a minute does not have it. */
const maxTries = 3;

export const createBarMender = ({ feed, now, isLeading, log, pipelines }: BarMenderOptions): BarMender => {
  /** By instrument, of which some leave: the number of answers without each minute that is still lacking. */
  const tries = new WeakMap<object, ReadonlyMap<number, number>>();
  let isAtWork = false;

  const mendOne = async (pipeline: Instrument & Pick<InstrumentPipeline, 'lacking' | 'mend' | 'giveUp'>) => {
    const starts = pipeline.lacking().filter((start) => start + minuteMs + settleMs <= now());
    const [first, last] = [starts[0], starts.at(-1)];
    if (first === undefined || last === undefined) return;
    const { venue, symbol } = pipeline;
    const query = { interval: '1m', fromMs: first, untilMs: last + minuteMs } as const;
    const minutes = await feed.past?.({ venue, symbol }, query);
    log.worked();
    pipeline.mend(minutes ?? []);
    const before = tries.get(pipeline);
    const still = new Set(pipeline.lacking());
    const counts = new Map(
      starts.filter((start) => still.has(start)).map((start) => [start, (before?.get(start) ?? 0) + 1]),
    );
    const hopeless = [...counts].flatMap(([start, count]) => (count >= maxTries ? [start] : []));
    for (const start of hopeless) counts.delete(start);
    tries.set(pipeline, counts);
    if (hopeless.length > 0) pipeline.giveUp(hopeless);
  };

  return {
    async run() {
      if (feed.past === undefined || isAtWork || !isLeading()) return;
      isAtWork = true;
      const failed =
        ({ venue, symbol }: Instrument) =>
        (error: unknown) =>
          log.failed({ venue, symbol, err: error });
      await Promise.all([...pipelines()].map((pipeline) => mendOne(pipeline).catch(failed(pipeline))));
      isAtWork = false;
    },
  };
};
