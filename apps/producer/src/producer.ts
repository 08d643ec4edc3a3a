import type { GroupLayer, History, Lease, Retention } from '@tickwire/channel-layer';
import { type ExchangeFeedStatus, MarketError } from '@tickwire/market';
import {
  type CatalogEntry,
  type Clock,
  channelOf,
  createSystemClock,
  type Health,
  type MarketMessage,
} from '@tickwire/protocol';
import {
  createStateLog,
  type Logger,
  type Running,
  type Scope,
  StartError,
  type StateStore,
  startInScope,
} from '@tickwire/runtime';
import type { ProducerConfig } from './config.js';
import { createLastTradesReader } from './feed/last-trades.js';
import { catalogEntry, type OpenFeed, openFeed } from './feed/open-feed.js';
import { logReplayed } from './feed/open-replay.js';
import { createFollowedInstruments } from './followed-instruments.js';
import type { ProducerMetrics } from './operations/metrics.js';
import { createBackfill } from './pipeline/backfill.js';
import { createBarMender } from './pipeline/bar-mender.js';
import { type BarLosses, createDroppedTradesLog, createGapLog } from './pipeline/dropped-trades.js';
import { createFeedIntake, type FeedIntake } from './pipeline/feed-intake.js';
import type { FeedSummary } from './pipeline/feed-states.js';
import { createForecastKeeper, type ForecastKeeper } from './pipeline/forecast-keeper.js';
import { createInstrumentPipelines, type InstrumentPipelines } from './pipeline/instrument-pipelines.js';
import { createHistoryPlan, type HistoryPlan } from './publish/history-plan.js';
import type { Publisher, PublisherCounters } from './publish/publisher.js';
import { createPublishing, type Publishing } from './publish/publishing.js';

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
/** The past of a symbol is published when no more than this waits: prices that follow wait behind it. */
const pastRoom = 1_000;
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
  const { leaseMs, maxBuffered, producerName: part } = config;
  const entries = (): readonly CatalogEntry[] =>
    feed.instruments.map((each) => catalogEntry(config.feed.kind, each, pipelines.find(each)));
  const publishing = createPublishing(
    { history, layer, lease, leaseMs, maxBuffered, part, entries, logger, clock },
    scope,
  );
  const { publisher, leadership } = publishing;
  const isLeading = (): boolean => leadership.isLeading;

  const opened = await openFeed(config.feed, {
    untilReady: () => publisher.ready(),
    readLastTrades: createLastTradesReader({ history, logger }),
    logger,
    clock,
  });
  const { feed, replay, now, steady, pastMs } = opened;
  const pipelines = createInstrumentPipelines({
    tickerMs: config.tickerMs,
    onDroppedTrade: createDroppedTradesLog({ logger, now: clock.monotonic }),
    publish: publishTo(publisher, metrics, createGapLog({ logger, now: clock.monotonic })),
  });
  let hasEnded = false;
  let isStarted = false;
  const intake = createFeedIntake({
    pipelines,
    clock,
    now,
    steady,
    pastMs,
    isInOrder: config.feed.kind !== 'exchanges',
    async onEnd() {
      await publisher.drained();
      hasEnded = true;
      if (replay) logReplayed(replay, publisher.counters().published, logger);
    },
  });
  const keeper = createForecastKeeper({ state, logger, now });
  scope.own({ close: () => (leadership.isLeading ? keeper.saveAll() : undefined) });
  scope.own(feed);

  const instruments = createFollowedInstruments({ feed, pipelines, historyPlan, keeper, clock });
  const first = await instruments.restore();
  const room = Math.floor(maxBuffered / 2);
  const untilReady = (): Promise<void> => publisher.ready(Math.min(room, pastRoom));
  const { decided } = leadership;
  const backfill = scope.own(
    createBackfill({ feed, history, logger, clock, now, isLeading, decided, untilReady, room }),
  );
  backfill.hold(first);

  await publishing.start(config.feed.kind === 'replay');
  const repeat = (everyMs: number, act: () => void): void => {
    const timer = setInterval(act, everyMs);
    scope.own({ close: () => clearInterval(timer) });
  };
  repeat(advanceMs, intake.tick);
  const log = createStateLog({ logger, trouble: 'minutes that lack trades cannot be fetched' });
  const mender = createBarMender({ feed, now, isLeading, log, pipelines: pipelines.all });
  repeat(mendMs, () => void mender.run());
  repeat(followMs, () => {
    backfill.hold(instruments.follow());
    if (isStarted) void backfill.run();
  });
  repeat(keepMs, () => {
    if (leadership.isLeading) void keeper.saveNext();
  });
  try {
    await feed.start(intake.take);
  } catch (error) {
    throw error instanceof MarketError ? new StartError(error.message, { cause: error }) : error;
  }
  logger.info({ symbols: feed.instruments.length }, `feed started: ${config.feed.kind}`);
  isStarted = true;
  void backfill.run();

  return producerOf({
    publishing,
    historyPlan,
    pipelines,
    keeper,
    intake,
    opened,
    hasEnded: () => hasEnded,
    close: scope.close,
  });
};

/** What a pipeline makes goes to the history of its channel, or past it. */
const publishTo =
  (
    publisher: Pick<Publisher, 'publish' | 'pass'>,
    metrics: ProducerOptions['metrics'],
    logGap: ReturnType<typeof createGapLog>,
  ) =>
  (message: MarketMessage): void => {
    metrics.observe(message);
    if (message.type === 'feed.gap') logGap(message);
    // History has each bar only once, when it is closed.
    const isKept = message.type !== 'price.bar' || message.closed;
    publisher[isKept ? 'publish' : 'pass'](channelOf(message), message);
  };

interface ProducerParts {
  readonly publishing: Publishing;
  readonly historyPlan: HistoryPlan;
  readonly pipelines: InstrumentPipelines;
  readonly keeper: ForecastKeeper;
  readonly intake: FeedIntake;
  readonly opened: OpenFeed;
  readonly hasEnded: () => boolean;
  readonly close: () => Promise<void>;
}

const producerOf = ({ hasEnded, close, ...parts }: ProducerParts): Producer => {
  const { publishing, historyPlan, pipelines, keeper, intake, opened } = parts;
  const { publisher, leadership, catalog } = publishing;
  const { now, steady, pastMs, statuses } = opened;
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
      return intake.heardAt;
    },
    get hasEnded() {
      return hasEnded();
    },
    streams: () => pipelines.health(now(), steady?.()),
    feeds: () => pipelines.feeds(now(), steady?.()),
    venues: statuses,
    barLosses: pipelines.barLosses,
    badPrices: pipelines.badPrices,
    unrestored: () => keeper.unrestored,
    close,
  };
};
