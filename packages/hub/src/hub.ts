import type { Channel, PublicationSource, Tap } from './channel/channel.js';
import { createChannelRegistry } from './channel/channel-registry.js';
import { createIntervalClocks } from './channel/interval-stream.js';
import { createSharedHistory, type SharedHistory } from './channel/shared-history.js';
import { createCounters, type HubCounters, type HubObserver, silentObserver } from './counters.js';
import { createCohortRegistry } from './fan-out/cohort-registry.js';
import { createLateChanges } from './fan-out/late-changes.js';
import type { Transport } from './fan-out/outlet.js';
import { createPump } from './fan-out/pump.js';
import type { Session } from './fan-out/session.js';
import type { Stream } from './fan-out/stream.js';
import type { WireFormat } from './fan-out/wire-format.js';
import { createJoin, type Join } from './join.js';
import { createSessions } from './sessions.js';
import { createSubscriptions } from './subscriptions.js';
import { createTurns } from './turns.js';
import { createWorkSlots } from './work-slots.js';

export interface HubOptions {
  readonly source: PublicationSource;
  /** Bytes a session may be owed before it is conflated. @default 1_048_576 */
  readonly maxOutboxBytes?: number;
  /** How long a session's socket may accept no byte before the session is closed as slow. @default 30_000 */
  readonly slowDeadlineMs?: number;
  /** How long a conflated session must keep up before it receives every publication again. @default 1_000 */
  readonly keepUpMs?: number;
  /**
   * The age that owed publications, or those on their way to the client, may reach before the session receives only the
   * newest of each channel. 0: any age. @default 2_000
   */
  readonly maxStaleMs?: number;
  /** Least time between the starts of two passes over the sessions: trades latency for CPU. @default 0 */
  readonly minPassMs?: number;
  /** How long a channel without followers stays subscribed. @default 5_000 */
  readonly groupLingerMs?: number;
  /** A channel that hears nothing is compared with history at least this often. @default 10_000 */
  readonly probeMs?: number;
  /** Publications kept in memory for each channel. @default 64 */
  readonly recentSize?: number;
  readonly observer?: HubObserver;
  /** Milliseconds that never go back. @default performance.now */
  readonly now?: () => number;
}

/**
 * The fan-out engine: channels of a layer on one side, sessions on the other. It follows a group as long as a session
 * here does. It delivers every publication to every session in order and exactly once, or reports what is missing.
 */
export interface Hub {
  readonly counters: Readonly<HubCounters>;
  readonly sessions: ReadonlySet<Session>;
  readonly channels: ReadonlyMap<string, Channel>;
  /** The session follows nothing until it joins. Whoever opened it closes it when its connection ends. */
  openSession(transport: Transport, format: WireFormat): Session;
  /**
   * Lets the session follow channels. `decide` receives a snapshot of each channel, all taken at the same instant. When
   * it returns `join`, the session joins the live streams in that same instant, so the frames `decide` sent come right
   * before the live ones. When it returns `retry`, it is called again with new snapshots of the requested channels. A
   * join waits while the session's socket is blocked. A channel that is already followed changes its interval and gets
   * a new snapshot. Resolves without calling `decide` when the session or the hub closes, or `unsubscribe` is called
   * for one of the channels, before that.
   * @throws what the layer throws when it cannot subscribe or read, what `inTime` or `decide` throws, or BacklogFull;
   *   the session then follows none of the new channels.
   */
  readonly join: Join;
  /**
   * Runs reads of history that many clients may request at once: a few at a time, and overlapping ranges are read once.
   * @throws what `work` throws, or BacklogFull.
   */
  readHistory<T>(work: (history: Omit<SharedHistory, 'sweep'>) => Promise<T>): Promise<T>;
  /** Ends a subscription and cancels every join that includes the channel. Returns false when there was neither. */
  unsubscribe(session: Session, channel: string): boolean;
  /** Makes the session follow exactly these streams of a consumer, beside its channels. */
  setStreams(session: Session, streams: readonly Stream[]): void;
  /**
   * Calls the listener with the newest publication of a channel and then with each new one, for consumers that build
   * streams from them. Returns a function that ends the calls.
   * @throws what the layer throws when it cannot subscribe or read.
   */
  tap(channel: string, listener: Tap): Promise<() => void>;
  /** These channels, and no others, are those on which their producers report that they cannot publish. */
  setAside(channels: ReadonlySet<string>): void;
  /** Writes everything owed at once, then stops. Does not close sessions. Idempotent. */
  close(): Promise<void>;
}

/** How often slow sessions and lingering channels are checked: their deadlines are late by up to this. */
const sweepMs = 1_000;

export const createHub = (options: HubOptions): Hub => {
  const {
    source,
    maxOutboxBytes = 1_048_576,
    slowDeadlineMs = 30_000,
    keepUpMs = 1_000,
    maxStaleMs = 2_000,
    minPassMs = 0,
    groupLingerMs = 5_000,
    probeMs = 10_000,
    recentSize = 64,
    observer = silentObserver,
    now = () => performance.now(),
  } = options;
  const counters = createCounters();
  const pump = createPump({ minPassMs, now, writtenBytes: () => counters.bytes, observer });
  const clocks = createIntervalClocks();
  const cohorts = createCohortRegistry({ mark: pump.mark, settle: () => late.settleAll(), counters, maxOutboxBytes });
  const late = createLateChanges(cohorts);
  const registry = createChannelRegistry({
    source,
    counters,
    clocks,
    recentSize,
    lingerMs: groupLingerMs,
    probeMs,
    observer,
    now,
  });
  const subscriptions = createSubscriptions(registry.release, late.put);
  const history = createSharedHistory({ history: source.history, counters, now });
  const slots = createWorkSlots({ now });
  const sessions = createSessions({
    counters,
    maxOutboxBytes,
    keepUpMs,
    maxStaleMs,
    slowDeadlineMs,
    now,
    wake: pump.wake,
    settle: late.settle,
    cohortOf: cohorts.cohortOf,
    leftBehind: cohorts.leftBehind,
    onClosed(session) {
      late.forget(session);
      subscriptions.forget(session);
    },
  });
  let closing: Promise<void> | undefined;

  // Housekeeping alone must not keep a process alive.
  const sweep = setInterval(() => {
    sessions.closeSlow();
    registry.sweep();
    history.sweep();
  }, sweepMs).unref();

  return {
    counters,
    sessions: sessions.all,
    channels: registry.channels,
    openSession: sessions.open,
    join: createJoin({
      registry,
      history,
      slots,
      turns: createTurns({ now }),
      subscriptions,
      counters,
      isClosing: () => closing !== undefined,
    }),
    readHistory: (work) => slots.run(() => work(history)),
    unsubscribe: subscriptions.unfollow,

    setAside: registry.setAside,

    setStreams(session, streams) {
      if (!session.isClosed) subscriptions.setStreams(session, streams);
    },

    async tap(name, listener) {
      if (closing !== undefined) return () => {};
      const channel = await registry.acquire(name);
      const untap = channel.tap(listener);
      let isTapped = true;
      return () => {
        if (!isTapped) return;
        isTapped = false;
        untap();
        registry.release(channel);
      };
    },

    close() {
      closing ??= (async () => {
        clearInterval(sweep);
        pump.flush();
        pump.close();
        clocks.close();
        await registry.close();
      })();
      return closing;
    },
  };
};
