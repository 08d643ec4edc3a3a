import type { HubCounters } from '../counters.js';
import { type Frame, FrameLog } from './frame-log.js';
import type { Stream } from './stream.js';
import { type Arrivals, type LogReader, type StreamLog, takeSince } from './stream-log.js';
import { joined, type StreamItem, type WireFormat } from './wire-format.js';

const minBatchBytes = 1_024;
/** Sixteen writes of this size, as many as a turn has, are as much as one turn may write. */
const heavyBytes = 65_536;

export interface CohortHost {
  readonly arrivals: Arrivals;
  readonly counters: HubCounters;
  readonly maxOutboxBytes: number;
}

/** A session as its cohort sees it. */
export interface CohortMember {
  /** Owned by the cohort. */
  cohortIndex: number;
  /** Cursor in the cohort's log up to which it has been written to. */
  cursor: number;
  readonly isConflated: boolean;
  readonly isClosed: boolean;
  /** Owned by the pump: it waits to be flushed. */
  isAwake: boolean;
  /** Drops what the log owes it: from now on it receives only the newest item of each stream. */
  conflate(): void;
  /** Puts a notice behind the newest item before it. Only for a conflated session. */
  insertNotice(stream: Stream, notice: Uint8Array): void;
  flush(): void;
}

/**
 * Sessions that are owed exactly the same: same wire format, same streams. They share one log of ready frames. The
 * cohort fills it from the logs of its streams when it is visited, so that a publication costs nothing for each cohort.
 */
export class Cohort implements LogReader {
  readonly key: string;
  readonly format: WireFormat;
  readonly streams: readonly Stream[];
  readonly logs: readonly StreamLog<Cohort>[];
  readonly sessions: CohortMember[] = [];
  readonly log = new FrameLog<Stream>();
  /** It waits for its turn in the current pass. */
  isInPass = false;
  /** What the current pass brings each session is long. */
  isHeavy = false;
  /** Index of the session that the current pass visits next. */
  nextVisit = 0;

  readonly #host: CohortHost;
  /** The arrival up to which it has taken what its streams published. */
  #pulledTo: number;
  /** The log's head when the last pass began here. */
  #passHead = 0;

  constructor(key: string, format: WireFormat, logs: readonly StreamLog<Cohort>[], host: CohortHost) {
    this.key = key;
    this.format = format;
    this.logs = logs;
    this.streams = logs.map(({ stream }) => stream);
    this.#host = host;
    this.#pulledTo = host.arrivals.last;
  }

  /** Takes over what its streams have published since; as one message if the format joins items. */
  pull(): void {
    const since = this.#pulledTo;
    const { last } = this.#host.arrivals;
    if (since === last) return;
    this.#pulledTo = last;
    if (this.format.joinBatch === undefined) {
      if (takeSince(this.logs, since, this.log)) this.#keepBound();
      return;
    }
    const frames: Frame<Stream>[] = [];
    takeSince(this.logs, since, { append: (frame) => frames.push(frame) });
    this.#appendJoined(frames);
  }

  /** Does the same unless the format joins items: then a message would end too early. */
  pullSingle(): void {
    if (this.format.joinBatch === undefined) this.pull();
  }

  /**
   * A notice that every session must receive, also those that skip items. It keeps its place behind the stream's items.
   */
  appendNotice(stream: Stream, notice: Uint8Array): void {
    this.pull();
    // Before the append: a session conflated by it takes the notice from the log. A copy, because this may close
    // sessions.
    const conflated = this.sessions.filter(({ isConflated }) => isConflated);
    for (const session of conflated) session.insertNotice(stream, notice);
    this.log.append({ bytes: notice, tags: [stream], isNotice: true });
    // One of them may have caught up meanwhile and follow the log again: it must not read the notice twice.
    for (const session of conflated) if (this.#has(session)) session.cursor = this.log.head;
    this.#keepBound();
  }

  /** An item that cannot be encoded is counted and left out; the stream continues. */
  encode(item: StreamItem, skipped: number, waitedMs?: number): Uint8Array | undefined {
    try {
      return item.encode(this.format, skipped, waitedMs);
    } catch {
      this.#host.counters.unencodable += 1;
      return undefined;
    }
  }

  /** Returns one message with these items. */
  join(items: readonly Uint8Array[]): Uint8Array | undefined {
    try {
      return joined(this.format, items);
    } catch {
      this.#host.counters.unencodable += items.length;
      return undefined;
    }
  }

  /** New members are owed what is published from now on. */
  add(session: CohortMember): void {
    this.pull();
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

  /** Returns whether its sessions must be visited: not if all of them got everything at the last visit. */
  beginPass(): boolean {
    this.isInPass = false;
    this.nextVisit = 0;
    this.pull();
    const isOwed = this.log.head > this.#passHead;
    this.isHeavy = isOwed && this.log.bytesSince(this.#passHead) >= heavyBytes;
    this.#passHead = this.log.head;
    return isOwed;
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

  /** A transport that calls back may have moved it to another cohort. */
  #has(session: CohortMember): boolean {
    return this.sessions[session.cohortIndex] === session;
  }

  #move(from: number, to: number): void {
    const session = this.sessions[from];
    if (session === undefined || from === to) return;
    this.sessions[to] = session;
    session.cohortIndex = to;
  }

  #appendJoined(frames: readonly Frame<Stream>[]): void {
    const maxBatchBytes = Math.max(minBatchBytes, this.#host.maxOutboxBytes >> 3);
    for (let from = 0; from < frames.length; ) {
      let to = from;
      for (let bytes = 0; to < frames.length && bytes < maxBatchBytes; to += 1) bytes += frames[to]?.bytes.length ?? 0;
      const batch = frames.slice(from, to);
      const bytes = this.join(batch.map((frame) => frame.bytes));
      if (bytes !== undefined) this.log.append({ bytes, tags: batch.flatMap(({ tags }) => tags), isNotice: false });
      from = to;
    }
    this.#keepBound();
  }

  /** The log is bounded: sessions at its oldest frames continue with the newest item of each stream. */
  #keepBound(): void {
    const { maxOutboxBytes } = this.#host;
    if (this.log.bytes <= maxOutboxBytes) return;
    // An eighth at once, because each time every session is looked at.
    const end = this.log.cursorAt(maxOutboxBytes - (maxOutboxBytes >> 3));
    for (const session of this.sessions) if (session.cursor < end) session.conflate();
    this.log.trim(end);
  }
}
