import type { CloseReason } from '@tickwire/protocol';
import type { Publication } from './fan-out/wire-format.js';

/** The hub's counts so far. Plain numbers, so counting costs nothing. The gateway exports them as metrics. */
export interface HubCounters {
  publications: number;
  /** Items handed to a socket, once per session. */
  deliveries: number;
  writes: number;
  bytes: number;
  /** Items a slow session did not receive because a newer one of the same stream replaced them. */
  conflated: number;
  /** Times a session fell behind its outbox and was switched to the newest items only. */
  slowSessions: number;
  slowClosed: number;
  /** Sessions that the hub closed, by reason. */
  readonly closes: Map<CloseReason, number>;
  duplicates: number;
  /** Messages that claimed a position which history, read after they were heard, does not reach. */
  forged: number;
  gaps: number;
  /** Publications read back from history after a hole. */
  repaired: number;
  /** Publications that history no longer held, as far as that is known. */
  lost: number;
  /** Subscriptions that asked for what they missed and got all of it. */
  recovered: number;
  /** Subscriptions that asked for what they missed, but history no longer held it. */
  unrecovered: number;
  /** Reads of history for snapshots and for requests of clients. */
  historyReads: number;
  /** Reads of history that were avoided because another client had just read the same. */
  historyShared: number;
  /** Reads of history that failed and were retried. */
  failedReads: number;
  /** Times a tap threw. */
  failedTaps: number;
  unencodable: number;
}

export const createCounters = (): HubCounters => ({
  publications: 0,
  deliveries: 0,
  writes: 0,
  bytes: 0,
  conflated: 0,
  slowSessions: 0,
  slowClosed: 0,
  closes: new Map(),
  duplicates: 0,
  forged: 0,
  gaps: 0,
  repaired: 0,
  lost: 0,
  recovered: 0,
  unrecovered: 0,
  historyReads: 0,
  historyShared: 0,
  failedReads: 0,
  failedTaps: 0,
  unencodable: 0,
});

/** Receives what is measured rather than counted. Never called once per session or delivery. */
export interface HubObserver {
  /**
   * Called once per publication, in order, before any session gets it. Not called for publications a channel opens
   * with.
   */
  published(publication: Publication): void;
  /** Called once per pass over the sessions: how long its oldest item waited for the first write and for the last. */
  passed(waitedMs: number, writtenMs: number): void;
}

export const silentObserver: HubObserver = { published: () => {}, passed: () => {} };
