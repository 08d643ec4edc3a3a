import type { Feed, Instrument } from '@tickwire/market';
import type { StateLog } from '@tickwire/runtime';
import type { InstrumentPipeline } from './instrument-pipeline.js';

export interface BarMenderOptions {
  readonly feed: Pick<Feed, 'past'>;
  /** Where the feed stands on its own timeline. */
  readonly now: () => number;
  /** Those that stand by would ask for the same. */
  readonly isLeading: () => boolean;
  /** Learns of venues that could not be asked. */
  readonly log: Pick<StateLog, 'failed' | 'worked'>;
  readonly pipelines: () => Iterable<Instrument & Pick<InstrumentPipeline, 'lacking' | 'mend' | 'giveUp'>>;
}

/** Asks the venue for minutes that closed without all of their trades, once they are over. */
export interface BarMender {
  /** Looks once; does nothing while the look before is under way. A venue out of reach is asked again at the next. */
  run(): Promise<void>;
}

const minuteMs = 60_000;
/** After its end, until the venue has all of a minute. */
const settleMs = 5_000;
/** A venue that answers so often without a minute does not have it. */
const maxTries = 3;

export const createBarMender = ({ feed, now, isLeading, log, pipelines }: BarMenderOptions): BarMender => {
  /** By instrument: the oldest minute asked for, and how often an answer came without it. */
  const tries = new Map<object, { readonly start: number; count: number }>();
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
    const known = tries.get(pipeline);
    const count = known?.start === first ? known.count + 1 : 1;
    tries.set(pipeline, { start: first, count });
    if (count >= maxTries) pipeline.giveUp(starts);
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
