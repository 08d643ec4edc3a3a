import type { CloseReason } from '@tickwire/protocol';

/** What the hub did so far. Plain numbers, so that counting costs nothing; exported as metrics by the gateway. */
export interface HubCounters {
  publications: number;
  /** Items handed to a socket, once per session. */
  deliveries: number;
  writes: number;
  bytes: number;
  /** Items a slow session did not get because a newer one of the same stream took their place. */
  conflated: number;
  /** Times a session fell behind its outbox and was switched to newest-only. */
  slowSessions: number;
  slowClosed: number;
  /** Sessions that were closed from here. */
  readonly closes: Map<CloseReason, number>;
  duplicates: number;
  /** Messages that claimed a position which history, read after they were heard, does not reach. */
  forged: number;
  gaps: number;
  /** Publications read back from history after a hole. */
  repaired: number;
  /** Publications that history no longer held, as far as that can be known. */
  lost: number;
  /** Subscriptions that asked for what they missed, and got all of it. */
  recovered: number;
  /** Those that did not: history no longer held it. */
  unrecovered: number;
  /** Reads of history for snapshots and for what clients ask of it. */
  historyReads: number;
  /** Those that were spared, because another client had just read the same. */
  historyShared: number;
  /** Reads of history that failed and were tried again. */
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
