import type { History } from '@tickwire/channel-layer';
import type { Feed, Instrument, PastInterval } from '@tickwire/market';
import {
  type Bar,
  type BarInterval,
  barIntervals,
  barKind,
  barSchema,
  type Clock,
  channelName,
  createTimers,
  periodOf,
} from '@tickwire/protocol';
import type { Logger } from '@tickwire/runtime';
import { settleMs } from './bar-mender.js';
import type { InstrumentPipeline } from './instrument-pipeline.js';

export interface BackfillOptions {
  /** A feed without `past` is used for its live events only. */
  readonly feed: Pick<Feed, 'past'>;
  readonly history: Pick<History, 'newest'>;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
  /** The present on the feed's own timeline. */
  readonly now: () => number;
  /** Whether this producer publishes. A standby learns the past and publishes none of it. */
  readonly isLeading: () => boolean;
  /** Resolves when it is known. Who starts beside others has the past sooner than the lease, which nobody else may want. */
  readonly decided: Promise<void>;
  /** Resolves when `room` messages can be published. */
  readonly untilReady: () => Promise<void>;
  readonly room: number;
}

export type Filled = readonly [Instrument, Pick<InstrumentPipeline, 'hold' | 'fill' | 'forecasting'>];

/**
 * Fills in the bars from before the start of each instrument. Published bars are not requested again, and live data
 * goes first. Forecasts begin with these bars.
 */
export interface Backfill {
  /** Must be called before the feed starts, or as soon as an instrument joins. */
  hold(pipelines: readonly Filled[]): void;
  /** Fills in what is held. Resolves when every instrument is filled in, or given up. */
  run(): Promise<void>;
  close(): void;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;
/** How far back the history of channels reaches. */
const depths: Readonly<Record<PastInterval, number>> = { '1m': 2 * dayMs, '1h': 30 * dayMs, '1d': 60 * dayMs };
/** Requested first, so that forecasts are warm soon. */
const firstMs = 300 * minuteMs;
/** Instruments filled in at the same time. */
const maxAtWork = 50;
const attempts = 3;
const pauseMs = 5_000;
/** Before each further request for the minute that has just closed. */
const lagPausesMs = [500, 500, 1_000, 1_000, 1_000, 1_000, 2_000, 2_000] as const;
/** A bar that a venue does not have by then does not exist: there was no trade. */
const maxLagMs = 10_000;
/** A market without trades for longer is not waited for. */
const maxQuietMs = 3 * minuteMs;

export const createBackfill = (options: BackfillOptions): Backfill => {
  const { feed, history, logger, clock, now, isLeading, decided, untilReady, room } = options;
  let waiting: Filled[] = [];
  let isClosed = false;
  const timers = createTimers(clock);
  /** Publishes one instrument after the other, so that the publisher's buffer is not exceeded. */
  let publishing: Promise<void> = Promise.resolve();

  const insist = async <T>(act: () => Promise<T>): Promise<T> => {
    for (let left = attempts - 1; ; left -= 1) {
      try {
        return await act();
      } catch (error) {
        if (left === 0 || isClosed) throw error;
        await timers.pause(pauseMs);
      }
    }
  };

  /** The bars missing between the newest published one and now. */
  const missingOf = (instrument: Instrument, interval: PastInterval, known: readonly Bar[]) => {
    const at = now();
    const untilMs = periodOf(interval, at).start;
    const newest = known.at(-1)?.start ?? Number.NEGATIVE_INFINITY;
    const fromMs = Math.max(newest + 1, at - depths[interval]);
    const ask = (from: number, until: number): Promise<readonly Bar[]> =>
      periodOf(interval, from - 1).end < until
        ? insist(async () => {
            const settledMs = now() - settleMs;
            return unsettled(
              (await feed.past?.(instrument, { interval, fromMs: from, untilMs: until })) ?? [],
              settledMs,
            );
          })
        : Promise.resolve([]);
    return { fromMs, untilMs, ask };
  };

  type Ask = ReturnType<typeof missingOf>['ask'];

  /**
   * Minutes that closed a moment ago, or while those before them were requested: venues have them a little later.
   * Without the newest no forecast begins until the next one closes.
   */
  const closedSince = async (known: readonly Bar[], askedUntilMs: number, ask: Ask): Promise<readonly Bar[]> => {
    const bars: Bar[] = [];
    let untilMs = askedUntilMs;
    for (const lagMs of lagPausesMs) {
      const newest = bars.at(-1) ?? known.at(-1);
      if (newest === undefined || isNewest(newest)) break;
      if (periodOf('1m', now()).start === untilMs) await timers.pause(lagMs);
      untilMs = periodOf('1m', now()).start;
      const fromMs = newest.start + minuteMs;
      if (isClosed || now() - untilMs > maxLagMs || untilMs - fromMs > maxQuietMs) break;
      bars.push(...(await ask(fromMs, untilMs)));
    }
    return bars;
  };

  const isNewest = ({ start }: Bar): boolean => start + minuteMs >= periodOf('1m', now()).start;

  const fillOne = async ([instrument, pipeline]: Filled, outcome: Outcome): Promise<void> => {
    let stored: StoredBars = new Map();
    const of = (interval: PastInterval): readonly Bar[] => stored.get(interval) ?? [];
    const missing: Record<PastInterval, readonly Bar[]> = { '1m': [], '1h': [], '1d': [] };
    try {
      stored = await insist(() => readStoredBars(history, instrument));
      const { fromMs, untilMs, ask } = missingOf(instrument, '1m', of('1m'));
      const recentMs = Math.max(fromMs, untilMs - firstMs);
      const warm = (bars: readonly Bar[]): void => pipeline.forecasting.warm(bars.slice(-firstMs / minuteMs), now());
      const recent = await ask(recentMs, untilMs);
      const known = [...of('1m'), ...recent];
      warm(known);
      // Beside the requests for what is older: those do not wait for a venue that lags.
      const late = closedSince(known, untilMs, ask).then((bars) => {
        const newest = bars.at(-1);
        // Otherwise the forecasts go on with what they saw themselves meanwhile.
        if (newest !== undefined && isNewest(newest)) warm([...known, ...bars]);
        return bars;
      });
      const [older, newer] = await Promise.all([ask(fromMs, recentMs), late]);
      missing['1m'] = [...older, ...recent, ...newer];
      for (const interval of ['1h', '1d'] as const) {
        const wanted = missingOf(instrument, interval, of(interval));
        missing[interval] = await wanted.ask(wanted.fromMs, wanted.untilMs);
      }
      outcome.filled += 1;
    } catch (error) {
      if (isClosed) return;
      const { venue, symbol } = instrument;
      outcome.failed.push({ venue, symbol, reason: error instanceof Error ? error.message : String(error) });
    }
    const published = [...stored].flatMap(([interval, bars]) => {
      const newest = bars.at(-1);
      return newest === undefined ? [] : [[interval, newest.start] as const];
    });
    const past = {
      minutes: [...of('1m'), ...missing['1m']],
      hours: [...of('1h'), ...missing['1h']],
      days: missing['1d'],
    };
    publishing = publishing.then(async () => {
      await decided;
      await untilReady();
      pipeline.fill({ ...past, published: new Map(published) }, isLeading() ? room : 0);
    });
    await publishing;
  };

  const work = async (queue: Filled[], outcome: Outcome): Promise<void> => {
    for (let next = queue.shift(); next !== undefined && !isClosed; next = queue.shift()) await fillOne(next, outcome);
  };

  return {
    hold(pipelines) {
      if (feed.past === undefined) return;
      waiting.push(...pipelines);
      for (const [, pipeline] of pipelines) pipeline.hold();
    },
    async run() {
      if (waiting.length === 0) return;
      const queue = waiting;
      waiting = [];
      const outcome: Outcome = { filled: 0, failed: [] };
      await Promise.all(Array.from({ length: maxAtWork }, () => work(queue, outcome)));
      if (isClosed) return;
      const { filled, failed } = outcome;
      if (filled > 0) logger.info({ filled }, 'bars of the past are filled in');
      const [example] = failed;
      if (example !== undefined)
        logger.warn({ failed: failed.length, ...example }, 'bars of the past are missing: they could not be had');
    },
    close() {
      isClosed = true;
      timers.cancelAll();
    },
  };
};

interface Outcome {
  filled: number;
  readonly failed: { readonly venue: string; readonly symbol: string; readonly reason: string }[];
}

/**
 * The venue may not have had the last trades of a bar that closed after `settledMs`. Such a minute lacks them until it
 * is requested again; longer ones are made of theirs.
 */
const unsettled = (bars: readonly Bar[], settledMs: number): readonly Bar[] =>
  bars.flatMap((bar) => {
    if (periodOf(bar.interval, bar.start).end <= settledMs) return [bar];
    return bar.interval === '1m' ? [{ ...bar, incomplete: true as const }] : [];
  });

/** Number of newest bars to read: minutes for forecasts and the open hour, hours for the open day. */
const counts: Readonly<Record<BarInterval, number>> = {
  '1s': 0,
  '1m': 300,
  '5m': 1,
  '15m': 1,
  '1h': 24,
  '4h': 1,
  '1d': 1,
};

/** The newest published closed bars of an instrument, by interval, oldest first. */
type StoredBars = ReadonlyMap<BarInterval, readonly Bar[]>;

/** @throws what the history throws */
const readStoredBars = async (history: Pick<History, 'newest'>, instrument: Instrument): Promise<StoredBars> => {
  const { venue, symbol } = instrument;
  const read = async (interval: BarInterval): Promise<[BarInterval, readonly Bar[]]> => {
    const [range] = await history.newest([channelName(barKind(interval), venue, symbol)], counts[interval]);
    const byStart = new Map<number, Bar>();
    for (const message of range?.messages ?? []) {
      // Anyone may publish to a group, so anything but such a bar is ignored.
      const { success, data: bar } = barSchema.safeParse(message);
      const isOurs = success && bar.venue === venue && bar.symbol === symbol && bar.interval === interval;
      if (isOurs && bar.closed) byStart.set(bar.start, bar);
    }
    return [interval, [...byStart.values()].sort((a, b) => a.start - b.start)];
  };
  return new Map(await Promise.all(barIntervals.filter((interval) => counts[interval] > 0).map(read)));
};
