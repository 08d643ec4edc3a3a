import type { HubCounters } from '../counters.js';
import { FrameLog } from './frame-log.js';
import type { Stream, StreamFollower } from './stream.js';
import type { StreamItem, WireFormat } from './wire-format.js';

const minBatchBytes = 1_024;

/** The writer of a cohort's sessions, as the cohort uses it. */
export interface CohortPump {
  /** The cohort has bytes its sessions have not received. */
  mark(cohort: Cohort): void;
}

/** A session as its cohort sees it. */
export interface CohortMember {
  /** Owned by the cohort. */
  cohortIndex: number;
  /** Offset in the cohort's log up to which it has been written to. */
  cursor: number;
  readonly isConflated: boolean;
  /** Drops what the log owes it: from now on it receives only the newest item of each stream. */
  conflate(): void;
  /** Puts a notice behind the newest item before it. Only for a conflated session. */
  insertNotice(stream: Stream, notice: Uint8Array): void;
  flush(): void;
}

/**
 * The sessions that are owed exactly the same: same wire format, same streams. They share one log of ready frames. An
 * item is therefore encoded once per format and copied once per cohort, and each session shares one write with all the
 * other items of the pass.
 */
export class Cohort implements StreamFollower {
  readonly key: string;
  readonly format: WireFormat;
  readonly streams: readonly Stream[];
  readonly sessions: CohortMember[] = [];
  readonly log: FrameLog<Stream>;
  /** Already waiting for its pass. */
  isMarked = false;
  /** Index of the session that the current pass visits next. */
  nextVisit = 0;

  readonly #pump: CohortPump;
  readonly #counters: HubCounters;
  readonly #maxOutboxBytes: number;
  #batch: Uint8Array[] = [];
  #batchStreams: Stream[] = [];
  #batchBytes = 0;
  readonly #oneStream: Stream[] = [];

  constructor(
    key: string,
    format: WireFormat,
    streams: readonly Stream[],
    pump: CohortPump,
    counters: HubCounters,
    maxOutboxBytes: number,
  ) {
    this.key = key;
    this.format = format;
    this.streams = streams;
    this.log = new FrameLog<Stream>(maxOutboxBytes);
    this.#pump = pump;
    this.#counters = counters;
    this.#maxOutboxBytes = maxOutboxBytes;
  }

  append(stream: Stream, item: StreamItem): void {
    const bytes = this.encode(item, 0);
    if (bytes === undefined) return;
    if (this.format.joinBatch === undefined) {
      this.#oneStream[0] = stream;
      this.log.append(bytes, this.#oneStream);
      this.#keepBound();
    } else {
      this.#batch.push(bytes);
      this.#batchStreams.push(stream);
      this.#batchBytes += bytes.length;
      // An unsealed batch counts towards no outbox, so it must not grow without limit.
      if (this.#batchBytes >= Math.max(minBatchBytes, this.#maxOutboxBytes >> 3)) this.sealBatch();
    }
    this.#pump.mark(this);
  }

  /**
   * A notice that every session must receive, also those that skip items. It keeps its place behind the stream's items.
   */
  appendNotice(stream: Stream, notice: StreamItem): void {
    const frame = this.encodeOne(notice, 0);
    if (frame === undefined) return;
    this.sealBatch();
    // Before the append: a session conflated by it takes the notice from the log. A copy, because this may close
    // sessions.
    for (const session of this.sessions.filter(({ isConflated }) => isConflated)) session.insertNotice(stream, frame);
    this.log.appendNotice(frame, stream);
    this.#keepBound();
    this.#pump.mark(this);
  }

  /** An item that cannot be encoded is counted and left out; the stream continues. */
  encode(item: StreamItem, skipped: number, waitedMs?: number): Uint8Array | undefined {
    try {
      return item.encode(this.format, skipped, waitedMs);
    } catch {
      this.#counters.unencodable += 1;
      return undefined;
    }
  }

  /** Returns one message with these items. */
  join(items: readonly Uint8Array[]): Uint8Array | undefined {
    if (this.format.joinBatch === undefined) return items.length === 1 ? items[0] : Buffer.concat(items);
    try {
      return this.format.joinBatch(items);
    } catch {
      this.#counters.unencodable += items.length;
      return undefined;
    }
  }

  encodeOne(item: StreamItem, skipped: number): Uint8Array | undefined {
    const bytes = this.encode(item, skipped);
    return bytes && this.join([bytes]);
  }

  /** Joins the items since the last pass into one message, where the format supports it. */
  sealBatch(): void {
    if (this.#batch.length === 0) return;
    const frame = this.join(this.#batch);
    const streams = this.#batchStreams;
    this.#batch = [];
    this.#batchStreams = [];
    this.#batchBytes = 0;
    if (frame === undefined) return;
    this.log.append(frame, streams);
    this.#keepBound();
  }

  /** New members are owed what is appended from now on. */
  add(session: CohortMember): void {
    this.sealBatch();
    session.cohortIndex = this.sessions.length;
    session.cursor = this.log.head;
    this.sessions.push(session);
  }

  remove(session: CohortMember): void {
    const at = session.cohortIndex;
    // Keeps the sessions already visited in this pass in front of the others, so that none is skipped.
    const visitedEnd = at < this.nextVisit ? this.nextVisit - 1 : at;
    this.#move(visitedEnd, at);
    this.#move(this.sessions.length - 1, visitedEnd);
    this.sessions.pop();
    if (at < this.nextVisit) this.nextVisit -= 1;
  }

  beginPass(): void {
    this.isMarked = false;
    this.nextVisit = 0;
    this.sealBatch();
  }

  /** After a pass: frees what every session has received. */
  endPass(): void {
    let slowest = this.log.head;
    for (const session of this.sessions) {
      // A conflated session reads nothing from the log.
      if (session.cursor < slowest && !session.isConflated) slowest = session.cursor;
    }
    this.log.trim(slowest);
  }

  #move(from: number, to: number): void {
    const session = this.sessions[from];
    if (session === undefined || from === to) return;
    this.sessions[to] = session;
    session.cohortIndex = to;
  }

  /** The log is bounded: sessions still in its oldest chunk continue with the newest item of each stream. */
  #keepBound(): void {
    while (this.log.head - this.log.tail > this.#maxOutboxBytes) {
      const end = this.log.oldestChunkEnd;
      for (const session of this.sessions) if (session.cursor < end) session.conflate();
      this.log.dropOldestChunk();
    }
  }
}
