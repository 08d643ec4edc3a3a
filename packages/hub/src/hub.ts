import type { Channel, Tap } from './channel/channel.js';
import { createChannelRegistry } from './channel/channel-registry.js';
import { createIntervalClocks } from './channel/interval-stream.js';
import { createSharedHistory, type SharedHistory } from './channel/shared-history.js';
import type { PublicationSource } from './channel/source.js';
import { createCounters, type HubCounters } from './counters.js';
import { createCohortRegistry } from './fan-out/cohort-registry.js';
import { createPump } from './fan-out/pump.js';
import { Session, type SessionHost } from './fan-out/session.js';
import type { Stream } from './fan-out/stream.js';
import type { Transport } from './fan-out/transport.js';
import type { WireFormat } from './fan-out/wire-format.js';
import { createJoin, type Join } from './join.js';
import { type HubObserver, silentObserver } from './observer.js';
import { createSubscriptions } from './subscriptions.js';
import { createWorkSlots } from './work-slots.js';

export interface HubOptions {
  readonly source: PublicationSource;
  /** What a session may be owed before it is conflated. @default 1_048_576 */
  readonly maxOutboxBytes?: number;
  /** How long a session's socket may take no byte before it is closed as slow. @default 30_000 */
  readonly slowDeadlineMs?: number;
  /** How long a conflated session must keep up before it gets every publication again. @default 1_000 */
  readonly keepUpMs?: number;
  /**
   * How old what a session is owed, or what is on its way to it, may become before it gets the newest of each channel
   * only. 0: any age. @default 2_000
   */
  readonly maxStaleMs?: number;
  /** Least time between the beginnings of two passes over the sessions: trades latency for CPU. @default 0 */
  readonly minPassMs?: number;
  /** How long a channel nobody follows stays subscribed. @default 5_000 */
  readonly groupLingerMs?: number;
  /** A channel that hears nothing is compared with history at least this often. @default 10_000 */
  readonly probeMs?: number;
  /** Publications of a channel kept in memory. @default 64 */
  readonly recentSize?: number;
  readonly observer?: HubObserver;
  /** Milliseconds, never back. @default performance.now */
  readonly now?: () => number;
}

/**
 * The fan-out engine: channels of a layer on one side, sessions on the other. It follows a group as long as a session
 * here does, and delivers every publication to every session in order, exactly once, or says what is missing.
 */
export interface Hub {
  readonly counters: Readonly<HubCounters>;
  readonly sessions: ReadonlySet<Session>;
  readonly channels: ReadonlyMap<string, Channel>;
  openSession(transport: Transport, format: WireFormat): Session;
  /**
   * Lets the session follow channels. `decide` is called with a snapshot of each, all of one instant; where it returns
   * `join`, the session joins their live streams in that same instant, so that what `decide` sent stands right before
   * them. It may be called again where it asked for a `retry`, of some or all of these channels. It waits while the
   * session's socket is blocked. A channel that is followed already changes its interval and gets its snapshot anew.
   * Resolves without a call when the session or the hub closed, or `unsubscribe` was called for one of the channels,
   * before that.
   * @throws what the layer throws when it cannot subscribe or read, what `inTime` or `decide` throws, or BacklogFull;
   *   then the session begins to follow none of them.
   */
  readonly join: Join;
  /**
   * Reads of history that many clients may make at once: a few work at a time, and what several want is read once.
   * @throws what `work` throws, or BacklogFull.
   */
  readHistory<T>(work: (history: Omit<SharedHistory, 'sweep'>) => Promise<T>): Promise<T>;
  /** Ends a subscription, and calls off every join that the channel is part of. False when there was neither. */
  unsubscribe(session: Session, channel: string): boolean;
  /** Lets the session follow exactly these streams of a consumer's own making, beside its channels. */
  setStreams(session: Session, streams: readonly Stream[]): void;
  /**
   * Calls back with each publication of a channel and begins with the newest, for consumers that make streams of them.
   * Returns its undo.
   * @throws what the layer throws when it cannot subscribe or read.
   */
  tap(channel: string, listener: Tap): Promise<() => void>;
  /** Writes everything owed at once and stops. Closes no session. Idempotent. */
  close(): Promise<void>;
}

/** How often slow sessions and lingering channels are looked at: their deadlines are late by up to this. */
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
  const pump = createPump({ minPassMs, now, observer });
  const clocks = createIntervalClocks();
  const cohorts = createCohortRegistry(pump, counters, maxOutboxBytes);
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
  const subscriptions = createSubscriptions(registry.release);
  const history = createSharedHistory({ history: source.history, counters, now });
  const slots = createWorkSlots({ now });
  const sessions = new Set<Session>();
  const blocked = new Set<Session>();
  let closing: Promise<void> | undefined;

  const host: SessionHost = {
    counters,
    maxOutboxBytes,
    keepUpMs,
    maxStaleMs,
    now,
    wake: pump.wake,
    cohortOf: cohorts.cohortOf,
    leftBehind: cohorts.leftBehind,
    blocked: (session) => blocked.add(session),
    unblocked: (session) => blocked.delete(session),
    closed(session) {
      sessions.delete(session);
      subscriptions.forget(session);
    },
  };

  const closeSlowSessions = (): void => {
    const at = now();
    for (const session of blocked) {
      session.giveUpPacing();
      if (at - session.blockedSince < slowDeadlineMs) continue;
      counters.slowClosed += 1;
      session.close('slow');
    }
  };

  // Housekeeping alone must not keep a process alive.
  const sweep = setInterval(() => {
    closeSlowSessions();
    registry.sweep();
    history.sweep();
  }, sweepMs).unref();

  return {
    counters,
    sessions,
    channels: registry.channels,

    openSession(transport, format) {
      const session = new Session(host, transport, format);
      sessions.add(session);
      return session;
    },

    join: createJoin({ registry, history, slots, subscriptions, counters, isClosing: () => closing !== undefined }),
    readHistory: (work) => slots.run(() => work(history)),
    unsubscribe: subscriptions.unfollow,

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
