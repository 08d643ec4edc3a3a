import { randomBytes } from 'node:crypto';
import type { GroupLayer, History, Lease, Retention } from '@tickwire/channel-layer';
import { type ExchangeFeedStatus, type FeedEvent, instrumentOf, MarketError } from '@tickwire/market';
import { type Clock, channelOf, createSystemClock, type Health } from '@tickwire/protocol';
import {
  createStateLog,
  type Logger,
  type Running,
  type Scope,
  StartError,
  type StateStore,
  settledWithin,
  startInScope,
} from '@tickwire/runtime';
import type { ProducerConfig } from './config.js';
import { createLastTradesReader } from './feed/last-trades.js';
import { catalogEntry, openFeed } from './feed/open-feed.js';
import { logReplayed } from './feed/open-replay.js';
import type { ProducerMetrics } from './operations/metrics.js';
import { createBackfill } from './pipeline/backfill.js';
import { createBarMender } from './pipeline/bar-mender.js';
import { type BarLosses, createDroppedTradesLog } from './pipeline/dropped-trades.js';
import type { FeedSummary } from './pipeline/feed-states.js';
import { createForecastKeeper } from './pipeline/forecast-keeper.js';
import { createHeldUpCheck } from './pipeline/held-up.js';
import { createInstrumentPipelines } from './pipeline/instrument-pipelines.js';
import { createCatalog } from './publish/catalog.js';
import { createHistoryPlan, type HistoryPlan } from './publish/history-plan.js';
import { createLeadership } from './publish/leadership.js';
import { createPublisher, type Publisher, type PublisherCounters } from './publish/publisher.js';

export interface ProducerOptions {
  readonly config: ProducerConfig;
  readonly logger: Logger;
  readonly history: History;
  /** Publishes messages that are not kept. */
  readonly layer: Pick<GroupLayer, 'groupSend'>;
  /** Divides the history among the symbols. @default a plan that only counts */
  readonly historyPlan?: HistoryPlan;
  readonly lease: Lease;
  /** Keeps the learned state of forecasts. */
  readonly state: StateStore;
  readonly metrics: Pick<ProducerMetrics, 'observe'>;
  /** @default the system's */
  readonly clock?: Clock;
}

export interface Producer extends Running {
  readonly isLeading: boolean;
  counters(): PublisherCounters;
  readonly buffered: number;
  /** While this producer leads: why waiting messages cannot be published, and since when on the monotonic clock. */
  readonly stalled: Publisher['stalled'];
  /** Time of the last publication, or of the election, on the monotonic clock. */
  readonly publishedAt: number | undefined;
  /** Groups that history rejects while it accepts others, with the reasons. */
  setAside(): ReadonlyMap<string, string>;
  /** While this producer stands by: why it could not lead. */
  readonly cannotLead: string | undefined;
  /** While this producer stands by: how its feed differs from the leader's. It could lead nevertheless, with its own feed. */
  readonly feedDifference: string | undefined;
  /** How much of the planned history is kept. */
  readonly retention: Pick<Retention, 'share' | 'reductions'>;
  /** Milliseconds of the feed's past that are still to be computed, before anything of the present. */
  pastMs(): number;
  /** Time of the feed's last event, on the monotonic clock; undefined before. */
  readonly heardAt: number | undefined;
  /** True after a feed with an end reached it and everything is published. */
  readonly hasEnded: boolean;
  /** The present health of each instrument. */
  streams(): readonly Health[];
  /** The state of each feed: the streams of a venue together. */
  feeds(): readonly FeedSummary[];
  /** Status of each exchange with its own adapter. */
  venues(): readonly ExchangeFeedStatus[];
  /** Losses of the bars, by venue and interval. */
  barLosses(): readonly BarLosses[];
  /** Number of prices that forecasts took for bad prints. */
  badPrices(): number;
  /** Number of symbols whose kept forecasts could not be used. */
  unrestored(): number;
}

/** How often pipelines advance: shorter than the shortest bar, its allowance and the ticker's interval. */
const advanceMs = 50;
const mendMs = 10_000;
const followMs = 1_000;
/** How long queued messages may take at the end. */
const drainMs = 1_000;
/** One symbol's forecasts are saved at a time, so that many symbols cause no burst. */
const keepMs = 1_000;

/** Connects a feed to the channel layer's history. Resolves once the feed has started. */
export const startProducer = (options: ProducerOptions): Promise<Producer> =>
  startInScope((scope) => openProducer(options, scope));

const openProducer = async (
  { config, logger, history, layer, lease, state, metrics, clock = createSystemClock(), ...options }: ProducerOptions,
  scope: Scope,
): Promise<Producer> => {
  const historyPlan = options.historyPlan ?? createHistoryPlan({ ...config.history, logger });
  for (const hint of config.hints) logger.warn(hint);
  const publisher = createPublisher({
    history,
    send: layer.groupSend,
    logger,
    maxBuffered: config.maxBuffered,
    standbyMs: config.leaseMs * 2 + 5_000,
    onFenced: () => leadership.stepDown(),
    clock,
    holdsLease: async (fence) => (await lease.holder())?.token === fence,
    newEpoch: () => randomBytes(6).toString('base64url'),
  });
  const leadership = createLeadership({
    lease,
    leaseMs: config.leaseMs,
    logger,
    onElected: (fence) => {
      publisher.lead(fence);
      catalog.publish();
    },
    onDeposed: publisher.standBy,
    onHeld: publisher.leaderIsThere,
  });
  scope.own(leadership);
  scope.own({
    async close() {
      // An unreachable Redis must not keep the process from ending.
      await settledWithin(drainMs, publisher.drained());
      publisher.standBy();
    },
  });
  const { feed, replay, now, steady, pastMs, statuses } = await openFeed(
    config.feed,
    publisher.ready,
    logger,
    createLastTradesReader({ history, logger }),
    clock,
  );
  historyPlan.divide(feed.instruments.length);
  const pipelines = createInstrumentPipelines({
    tickerMs: config.tickerMs,
    onDroppedTrade: createDroppedTradesLog({ logger, now: clock.monotonic }),
    publish: (message) => {
      metrics.observe(message);
      // History has each bar only once, when it is closed.
      const isKept = message.type !== 'price.bar' || message.closed;
      publisher[isKept ? 'publish' : 'pass'](channelOf(message), message);
    },
  });
  let heardAt: number | undefined;
  let hasEnded = false;

  const catalog = scope.own(
    createCatalog({
      publisher,
      history,
      logger,
      part: config.producerName,
      entries: () => feed.instruments.map((each) => catalogEntry(config.feed.kind, each, pipelines.find(each))),
      isLeading: () => leadership.isLeading,
      clock,
    }),
  );

  /** Instruments come and go with the venue's list. */
  const followInstruments = (): void => {
    const { instruments } = feed;
    if (!pipelines.follow(instruments, clock.monotonic())) return;
    historyPlan.divide(instruments.length);
    keeper.follow(instruments.map((each) => [each, pipelines.of(each).forecasting]));
  };

  const onEvents = (events: readonly FeedEvent[]): void => {
    heardAt = clock.monotonic();
    // In a recording each event happens at its own time, not when it is read.
    const at = steady?.();
    for (const event of events) {
      const instrument = instrumentOf(event);
      if (instrument !== undefined) pipelines.of(instrument).add(event, at);
      else onEnd(event);
    }
    // In a recording time moves with the events. An exchange's frame may have others waiting behind it.
    if (config.feed.kind !== 'exchanges') advance();
  };

  // The clock must not close bars whose trades are still to come.
  const advance = (): void => {
    if (pastMs() === 0) pipelines.advance(now(), steady?.());
  };

  const isHeldUp = createHeldUpCheck(clock.monotonic());
  const tick = (): void => {
    if (!isHeldUp(clock.monotonic())) advance();
  };

  const onEnd = (end: FeedEvent): void => {
    pipelines.end(end);
    void publisher.drained().then(() => {
      hasEnded = true;
      if (replay) logReplayed(replay, publisher.counters().published, logger);
    });
  };

  const keeper = createForecastKeeper({ state, logger, now });
  scope.own({ close: () => (leadership.isLeading ? keeper.saveAll() : undefined) });
  scope.own(feed);
  pipelines.follow(feed.instruments, clock.monotonic());
  const first = feed.instruments.map((each) => [each, pipelines.of(each)] as const);
  await keeper.restore(first.map(([each, { forecasting }]) => [each, forecasting]));
  const backfill = createBackfill({
    feed,
    history,
    logger,
    clock,
    now,
    isLeading: () => leadership.isLeading,
    untilReady: publisher.ready,
    room: Math.floor(config.maxBuffered / 2),
  });
  scope.own(backfill);
  backfill.hold(first);

  // The first leader publishes all events of its feed; a newcomer stands by and warms up first. A recording is
  // published from its beginning in any case.
  const isNewcomer = config.feed.kind !== 'replay' && (await catalog.isPublished());
  if (isNewcomer) publisher.standBy();
  await leadership.start(isNewcomer);
  await catalog.start();
  const repeat = (everyMs: number, act: () => void): void => {
    const timer = setInterval(act, everyMs);
    scope.own({ close: () => clearInterval(timer) });
  };
  repeat(advanceMs, tick);
  const mender = createBarMender({
    feed,
    now,
    isLeading: () => leadership.isLeading,
    log: createStateLog({ logger, trouble: 'minutes that lack trades cannot be fetched' }),
    pipelines: pipelines.all,
  });
  repeat(mendMs, () => void mender.run());
  repeat(followMs, followInstruments);
  repeat(keepMs, () => {
    if (leadership.isLeading) void keeper.saveNext();
  });
  try {
    await feed.start(onEvents);
  } catch (error) {
    throw error instanceof MarketError ? new StartError(error.message, { cause: error }) : error;
  }
  logger.info({ symbols: feed.instruments.length }, `feed started: ${config.feed.kind}`);
  void backfill.run();

  return {
    get isLeading() {
      return leadership.isLeading;
    },
    counters: publisher.counters,
    retention: historyPlan.retention,
    get buffered() {
      return publisher.buffered;
    },
    get stalled() {
      return publisher.stalled;
    },
    get publishedAt() {
      return publisher.publishedAt;
    },
    setAside: publisher.setAside,
    get cannotLead() {
      return leadership.cannotLead;
    },
    get feedDifference() {
      return catalog.difference;
    },
    pastMs,
    get heardAt() {
      return heardAt;
    },
    get hasEnded() {
      return hasEnded;
    },
    streams: () => pipelines.health(now(), steady?.()),
    feeds: () => pipelines.feeds(now(), steady?.()),
    venues: statuses,
    barLosses: pipelines.barLosses,
    badPrices: pipelines.badPrices,
    unrestored: () => keeper.unrestored,
    close: scope.close,
  };
};
