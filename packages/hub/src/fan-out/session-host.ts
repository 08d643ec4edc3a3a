import type { HubCounters } from '../counters.js';
import type { Cohort } from './cohort.js';
import type { Session } from './session.js';
import type { Stream } from './stream.js';
import type { WireFormat } from './wire-format.js';

/** What a session asks of the hub it lives in. */
export interface SessionHost {
  readonly counters: HubCounters;
  readonly maxOutboxBytes: number;
  /** How long a conflated session must take every write at once before it gets every item again. */
  readonly keepUpMs: number;
  now(): number;
  /** The session has bytes of its own to write at the end of this turn. */
  wake(session: Session): void;
  /** The cohort of exactly these streams in this format. */
  cohortOf(format: WireFormat, streams: readonly Stream[]): Cohort;
  /** Tells that the last session left. */
  leftBehind(cohort: Cohort): void;
  /** Between `blocked` and `unblocked` the socket takes no more; the host closes sessions that stay so. */
  blocked(session: Session): void;
  unblocked(session: Session): void;
  closed(session: Session): void;
}
