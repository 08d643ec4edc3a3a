import type { CloseReason } from '@tickwire/protocol';
import type { HubCounters } from '../counters.js';
import type { Cohort, CohortMember } from './cohort.js';
import { Conflation } from './conflation.js';
import { Outlet } from './outlet.js';
import { OwnFrames } from './own-frames.js';

import type { Stream } from './stream.js';
import type { Transport } from './transport.js';
import type { StreamItem, WireFormat } from './wire-format.js';

/** What a session asks of the hub it lives in. */
export interface SessionHost {
  readonly counters: HubCounters;
  readonly maxOutboxBytes: number;
  /** How long a conflated session must take every write at once before it gets every item again. */
  readonly keepUpMs: number;
  /** How old what a session is owed may become before it gets the newest only. 0: any age. */
  readonly maxStaleMs: number;
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

/**
 * One connected client. Its outbox is: frames of its own (`send`), then what its cohort's log holds behind its
 * cursor. Order is kept between the two. A session whose outbox is full is not closed but conflated: it gets the
 * newest item of each stream with the number skipped, until it keeps up again.
 */
export class Session implements CohortMember {
  /** Owned by the cohort. */
  cohortIndex = 0;
  /** Offset in the cohort's log up to which this session has been written to. */
  cursor = 0;
  /** Its socket takes no bytes now, or enough are on their way. */
  isBlocked = false;
  /** When that began last. */
  blockedSince = 0;
  /** In the pump's queue already. */
  isAwake = false;
  isClosed = false;
  readonly format: WireFormat;

  readonly #host: SessionHost;
  readonly #outlet: Outlet;
  #cohort: Cohort;
  #own: OwnFrames | undefined;
  #conflation: Conflation | undefined;
  #waiting: (() => void)[] | undefined;
  /** When its socket last began to take bytes again. */
  #unblockedAt = Number.NEGATIVE_INFINITY;

  constructor(host: SessionHost, transport: Transport, format: WireFormat) {
    this.#host = host;
    this.#outlet = new Outlet(transport, host.maxStaleMs, host.now);
    this.format = format;
    this.#cohort = host.cohortOf(format, []);
    this.#cohort.add(this);
  }

  get isConflated(): boolean {
    return this.#conflation !== undefined;
  }

  get streams(): readonly Stream[] {
    return this.#cohort.streams;
  }

  /** Bytes owed and not yet handed to the socket. */
  get outboxBytes(): number {
    const isInLog = !this.isClosed && this.#conflation === undefined;
    return (this.#own?.bytes ?? 0) + (isInLog ? this.#cohort.log.head - this.cursor : 0);
  }

  /**
   * Sends a frame of its own, after everything owed so far (the newest items of a conflated session come after it).
   * The caller never changes the bytes afterwards.
   */
  send(frame: Uint8Array): void {
    if (this.isClosed) return;
    this.#takeOwed();
    // A large answer is no sign of a slow client: that is one whose socket is blocked.
    if (this.#wouldOverflow(frame)) this.flush();
    if (this.isClosed) return;
    if (this.#outlet.isSocketFull && this.#wouldOverflow(frame)) {
      // A client that asks without reading the answers: nothing can be conflated here.
      this.#host.counters.slowClosed += 1;
      this.close('slow');
      return;
    }
    this.#keepOwn(frame);
    this.#host.wake(this);
  }

  /** Sends items of its own in its format: one message where the format joins them. */
  sendItems(items: readonly StreamItem[]): void {
    const encoded: Uint8Array[] = [];
    for (const item of items) {
      const bytes = this.#cohort.encode(item, 0);
      if (bytes !== undefined) encoded.push(bytes);
    }
    const frame = encoded.length > 0 ? this.#cohort.join(encoded) : undefined;
    if (frame !== undefined) this.send(frame);
  }

  /** For a conflated session: a notice of a stream, in its place behind the newest item before it. */
  tell(stream: Stream, notice: Uint8Array): void {
    const newest = this.#conflation?.newestFrame(this.#cohort, stream);
    if (newest !== undefined) this.send(newest);
    this.send(notice);
  }

  /**
   * Follows exactly these streams from now on. What was owed until now is still delivered, before anything newer.
   * `begun` are those whose snapshots were sent just now: nothing older of them is owed any more.
   */
  follow(streams: readonly Stream[], begun: readonly Stream[] = []): void {
    if (this.isClosed) return;
    this.#takeOwed();
    if (this.isClosed) return;
    for (const stream of begun) this.#conflation?.forgive(stream);
    const left = this.#cohort;
    const joined = this.#host.cohortOf(this.format, streams);
    if (joined !== left) {
      left.remove(this);
      joined.add(this);
      this.#cohort = joined;
      this.#conflation?.carryTo(joined.streams);
      if (left.sessions.length === 0) this.#host.leftBehind(left);
    }
    // The cohort it left was to be visited for what is owed; the one it joined may have nothing to write for long.
    if (this.#own !== undefined || this.#conflation !== undefined) this.#host.wake(this);
  }

  /** Writes what it is owed, in one write where that is possible. */
  flush(): void {
    if (this.isClosed || this.#outlet.isWriting || this.#outlet.isSocketFull) return;
    const own = this.#own;
    this.#own = undefined;
    if (own !== undefined && !this.#write(own.joined())) return;
    // Answers go out whatever is on its way: who asks is not to be taken for slow.
    if (this.isBlocked) return;
    if (this.#outlet.wouldQueue(this.#cohort.log.head - this.cursor)) this.conflate();
    if (this.#conflation !== undefined) {
      this.#writeNewest(this.#conflation);
      return;
    }
    // Looked at anew each time: a transport may call back, and change what this session follows or send through it.
    while (this.#own === undefined && this.cursor < this.#cohort.log.head) {
      const { log } = this.#cohort;
      const view = log.view(this.cursor);
      this.cursor += view.length;
      this.#host.counters.deliveries += log.viewItems;
      if (!this.#write(view)) return;
    }
  }

  /** The socket takes bytes again. */
  drained(): void {
    this.#outlet.drained();
    this.#goOn();
  }

  /** The client has everything written before the probe. False where it was not asked that. */
  answered(probe: number): boolean {
    const isAnswer = this.#outlet.answered(probe);
    if (isAnswer) this.#goOn();
    return isAnswer;
  }

  /** Now and then while it is blocked. */
  giveUpPacing(): void {
    this.#outlet.giveUpPacing();
    this.#goOn();
  }

  /** Resolves when its socket takes bytes, or it is closed. For what can wait, as a snapshot can. */
  writable(): Promise<void> {
    if (!this.isBlocked) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting ??= [];
      this.#waiting.push(resolve);
    });
  }

  /** Gives up the items between its cursor and the head: from now on the newest of each stream, until it keeps up. */
  conflate(): void {
    if (this.#conflation !== undefined || this.isClosed) return;
    const { counters } = this.#host;
    counters.slowSessions += 1;
    this.#conflation = new Conflation(this.#cohort, this.cursor, counters, (frame) => this.#keepOwn(frame));
    this.cursor = this.#cohort.log.head;
  }

  /** `detail` is for whoever reads the client's log. */
  close(reason: CloseReason, detail?: string): void {
    // What is on its way no longer matters: all that is owed goes out before the close.
    this.#outlet.stopPacing();
    this.#goOn();
    this.flush();
    if (this.isClosed) return;
    const { closes } = this.#host.counters;
    closes.set(reason, (closes.get(reason) ?? 0) + 1);
    // First, so that a transport which calls back finds it closed.
    this.disconnected();
    this.#outlet.close(reason, detail);
  }

  /** The transport is gone. Idempotent. */
  disconnected(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#own = undefined;
    this.#conflation = undefined;
    this.#cohort.remove(this);
    if (this.#cohort.sessions.length === 0) this.#host.leftBehind(this.#cohort);
    if (this.isBlocked) this.#host.unblocked(this);
    this.isBlocked = false;
    this.#letWait();
    this.#host.closed(this);
  }

  /** Writes on where nothing stands in the way any more; what became too old meanwhile gives way to the newest. */
  #goOn(): void {
    if (!this.isBlocked) return;
    if (!this.#outlet.isFull) {
      const isLate = this.#isStale();
      this.isBlocked = false;
      this.#unblockedAt = this.#host.now();
      this.#host.unblocked(this);
      if (isLate) this.conflate();
    }
    // While enough is on its way, answers alone go out.
    this.flush();
    if (!this.isBlocked) this.#letWait();
  }

  /** While blocked: what the log owes has waited for too long, or would on its way. */
  #isStale(): boolean {
    const { maxStaleMs } = this.#host;
    const owed = this.#cohort.log.head - this.cursor;
    if (maxStaleMs === 0 || owed === 0) return false;
    return this.#host.now() - this.blockedSince > maxStaleMs || this.#outlet.wouldQueue(owed);
  }

  #letWait(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    for (const resolve of waiting ?? []) resolve();
  }

  /** Moves what the log owes into the outbox of its own, so that something else can follow it. */
  #takeOwed(): void {
    this.#cohort.sealBatch();
    // What lies in the log is bounded by the log; what is taken out of it is bounded here.
    if (this.outboxBytes > this.#host.maxOutboxBytes) this.flush();
    if (this.isClosed) return;
    if (this.outboxBytes > this.#host.maxOutboxBytes || (this.isBlocked && this.#isStale())) this.conflate();
    const { log } = this.#cohort;
    if (this.#conflation !== undefined) {
      this.cursor = log.head;
      return;
    }
    while (this.cursor < log.head) {
      const view = log.view(this.cursor);
      this.cursor += view.length;
      this.#host.counters.deliveries += log.viewItems;
      this.#keepOwn(view);
    }
  }

  /** One frame of any size fits into an outbox that has no other. */
  #wouldOverflow(frame: Uint8Array): boolean {
    return this.#own !== undefined && this.#own.bytes + frame.length > this.#host.maxOutboxBytes;
  }

  #keepOwn(frame: Uint8Array): void {
    this.#own ??= new OwnFrames();
    this.#own.push(frame);
  }

  /** One write with the newest item of each stream that moved; back to every item once it has kept up for a while. */
  #writeNewest(conflation: Conflation): void {
    const cohort = this.#cohort;
    cohort.sealBatch();
    const items = conflation.newestItems(cohort, this.#outlet.leftBytes);
    this.cursor = cohort.log.head;
    const frame = items.length > 0 ? cohort.join(items) : undefined;
    if (frame !== undefined && !this.#write(frame)) return;
    const hasKeptUp = this.#host.now() - this.#unblockedAt >= this.#host.keepUpMs;
    if (hasKeptUp && cohort === this.#cohort && conflation.isEven(cohort.streams)) this.#conflation = undefined;
  }

  #write(bytes: Uint8Array): boolean {
    this.#host.counters.writes += 1;
    this.#host.counters.bytes += bytes.length;
    try {
      this.#outlet.write(bytes);
    } catch {
      // A transport must not throw; one that does costs its own session, not the pass.
      this.close('serverError');
    }
    // A transport may find out in the middle of a write that it is gone.
    if (this.isClosed) return false;
    if (!this.#outlet.isFull) return true;
    if (!this.isBlocked) {
      this.isBlocked = true;
      this.blockedSince = this.#host.now();
      this.#host.blocked(this);
    }
    return false;
  }
}
