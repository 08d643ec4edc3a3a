import type { CloseReason } from '@tickwire/protocol';
import type { HubCounters } from '../counters.js';
import type { Cohort, CohortMember } from './cohort.js';
import { Conflation } from './conflation.js';
import { Outlet, OwnFrames, type Transport } from './outlet.js';
import type { Stream } from './stream.js';
import type { StreamItem, WireFormat } from './wire-format.js';

/** The hub, as one of its sessions uses it. */
export interface SessionHost {
  readonly counters: HubCounters;
  readonly maxOutboxBytes: number;
  /** How long a conflated session must accept every write at once before it receives every item again. */
  readonly keepUpMs: number;
  /** The age that owed items may reach before the session receives only the newest. 0: any age. */
  readonly maxStaleMs: number;
  now(): number;
  /** The session has bytes of its own to write at the end of this turn. */
  wake(session: Session): void;
  /** Returns the cohort of exactly these streams in this format. */
  cohortOf(format: WireFormat, streams: readonly Stream[]): Cohort;
  /** Makes the change of what the session follows that was put off. */
  settle(session: Session): void;
  /** Reports that the last session left the cohort. */
  leftBehind(cohort: Cohort): void;
  /** Between `blocked` and `unblocked` the socket accepts nothing; the host closes sessions that stay blocked. */
  blocked(session: Session): void;
  unblocked(session: Session): void;
  closed(session: Session): void;
}

/**
 * One connected client. Its outbox holds frames of its own (`send`), then the part of its cohort's log behind its
 * cursor, in order. A session whose outbox is full is not closed but conflated: it receives the newest item of each
 * stream with the number skipped, until it keeps up again.
 */
export class Session implements CohortMember {
  /** Owned by the cohort. */
  cohortIndex = 0;
  /** Cursor in the cohort's log up to which this session has been written to. */
  cursor = 0;
  /** Its socket accepts no bytes now, or enough bytes are on their way. */
  isBlocked = false;
  /** When it was last blocked. */
  blockedSince = 0;
  /** Already in the pump's queue. */
  isAwake = false;
  /** A change of what it follows was put off. */
  isLate = false;
  isClosed = false;
  readonly format: WireFormat;

  readonly #host: SessionHost;
  readonly #outlet: Outlet;
  #cohort: Cohort;
  #own: OwnFrames | undefined;
  #conflation: Conflation | undefined;
  /** When its socket last began to accept bytes again. */
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
    if (this.isLate) this.#host.settle(this);
    return this.#cohort.streams;
  }

  /** Bytes owed and not yet written to the socket. */
  get outboxBytes(): number {
    const isInLog = !this.isClosed && this.#conflation === undefined;
    if (isInLog) this.#cohort.pullSingle();
    return (this.#own?.bytes ?? 0) + (isInLog ? this.#cohort.log.bytesSince(this.cursor) : 0);
  }

  /**
   * Sends a frame of its own after everything owed so far (the newest items of a conflated session come after it). The
   * caller must not change the bytes afterwards.
   */
  send(frame: Uint8Array): void {
    if (this.isClosed) return;
    this.#takeOwed();
    // A large answer does not mean that the client is slow; only a blocked socket does.
    if (this.#wouldOverflow(frame)) this.flush();
    if (this.isClosed) return;
    if (this.#outlet.isSocketFull && this.#wouldOverflow(frame)) {
      // The client makes requests without reading the answers: nothing can be conflated here.
      this.#host.counters.slowClosed += 1;
      this.close('slow');
      return;
    }
    this.#keepOwn(frame);
    this.#host.wake(this);
  }

  /** Sends items of its own in its format: one message if the format joins them. */
  sendItems(items: readonly StreamItem[]): void {
    const encoded: Uint8Array[] = [];
    for (const item of items) {
      const bytes = this.#cohort.encode(item, 0);
      if (bytes !== undefined) encoded.push(bytes);
    }
    const frame = encoded.length > 0 ? this.#cohort.join(encoded) : undefined;
    if (frame !== undefined) this.send(frame);
  }

  /** For a conflated session: puts a notice of a stream behind the newest item before it. */
  insertNotice(stream: Stream, notice: Uint8Array): void {
    const newest = this.#conflation?.newestFrame(this.#cohort, stream);
    if (newest !== undefined) this.send(newest);
    this.send(notice);
  }

  /**
   * Follows exactly these streams from now on. Everything owed until now is still delivered, before anything newer.
   * `begun` lists the streams whose snapshots were just sent: nothing older of them is owed any more.
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
      this.#outlet.owesNothing();
      this.#conflation?.carryTo(joined.streams);
      if (left.sessions.length === 0) this.#host.leftBehind(left);
    }
    // The former cohort would have been visited for the owed items; the new one may have nothing to write for long.
    if (this.#own !== undefined || this.#conflation !== undefined) this.#host.wake(this);
  }

  /** Writes everything owed, in one write where possible. */
  flush(): void {
    if (this.isLate) this.#host.settle(this);
    if (this.isClosed || this.#outlet.isWriting || this.#outlet.isSocketFull) return;
    // First, because notices among the dropped items come before the newest items.
    if (!this.isBlocked) this.#cohort.pullSingle();
    if (!this.isBlocked && this.#conflation === undefined && this.#wouldQueue()) this.conflate();
    const own = this.#own;
    this.#own = undefined;
    if (own !== undefined && !this.#write(own.joined())) return;
    // Answers are written whatever is on its way: a client that makes requests must not be taken for slow.
    if (this.isBlocked) return;
    if (this.#own !== undefined) {
      // A transport that calls back put something before the items.
      this.#host.wake(this);
      return;
    }
    if (this.#conflation !== undefined) {
      this.#writeNewest(this.#conflation);
      return;
    }
    // Checked again each time: a transport may call back and change what this session follows or send through it.
    while (this.#own === undefined && this.cursor < this.#cohort.log.head) {
      if (!this.#write(this.#takeView(this.#outlet.writeBytes))) return;
    }
  }

  /** The socket accepts bytes again. */
  drained(): void {
    this.#outlet.drained();
    this.#goOn();
  }

  /** The client has everything written before the probe. Returns false when the client was not sent this probe. */
  answered(probe: number): boolean {
    const isAnswer = this.#outlet.answered(probe);
    if (isAnswer) this.#goOn();
    return isAnswer;
  }

  /** Called now and then while it is blocked. */
  giveUpPacing(): void {
    this.#outlet.giveUpPacing();
    this.#goOn();
  }

  /** Resolves when its socket accepts bytes or it is closed. For work that can wait, such as a snapshot. */
  writable(): Promise<void> {
    return this.isBlocked ? this.#outlet.whenOpen() : Promise.resolve();
  }

  /** Drops the items between its cursor and the head: it receives only the newest of each stream until it keeps up. */
  conflate(): void {
    if (this.#conflation !== undefined || this.isClosed) return;
    this.#cohort.pull();
    // Taking over more than the log may hold conflates it, too.
    if (this.#conflation !== undefined) return;
    const { counters } = this.#host;
    counters.slowSessions += 1;
    this.#conflation = new Conflation(
      this.#cohort,
      this.cursor,
      counters,
      (frame) => this.#keepOwn(frame),
      (item) => this.#ageOf(item),
    );
    this.cursor = this.#cohort.log.head;
  }

  /** `detail` is for the reader of the client's log. */
  close(reason: CloseReason, detail?: string): void {
    // Bytes on their way no longer matter: everything owed is written before the close.
    this.#outlet.stopPacing();
    this.#goOn();
    this.flush();
    if (this.isClosed) return;
    // First, so that a transport which calls back finds it closed.
    this.disconnected(reason);
    this.#outlet.close(reason, detail);
  }

  /** The transport is gone, or as good as gone for the given reason. Idempotent. */
  disconnected(reason?: CloseReason): void {
    if (this.isClosed) return;
    this.isClosed = true;
    const { closes } = this.#host.counters;
    if (reason !== undefined) closes.set(reason, (closes.get(reason) ?? 0) + 1);
    this.#own = undefined;
    this.#conflation = undefined;
    this.#cohort.remove(this);
    if (this.#cohort.sessions.length === 0) this.#host.leftBehind(this.#cohort);
    if (this.isBlocked) this.#host.unblocked(this);
    this.isBlocked = false;
    this.#outlet.opened();
    this.#host.closed(this);
  }

  /** Continues writing where nothing blocks it any more; items that became too old meanwhile are conflated. */
  #goOn(): void {
    if (!this.isBlocked) return;
    if (!this.#outlet.isFull) {
      const isLate = this.#isStale();
      this.isBlocked = false;
      this.#unblockedAt = this.#host.now();
      this.#host.unblocked(this);
      if (isLate) this.conflate();
    }
    // While enough is on its way, only answers are written.
    this.flush();
    if (!this.isBlocked) this.#outlet.opened();
  }

  /** While blocked: items in the log have waited too long, or would wait too long on their way. */
  #isStale(): boolean {
    return this.cursor !== this.#cohort.log.head && (this.#outlet.isLate || this.#wouldQueue());
  }

  /** Whether everything that the log owes it would take too long to arrive. */
  #wouldQueue(): boolean {
    return this.#outlet.wouldQueue(this.#cohort.log.bytesSince(this.cursor));
  }

  /** Frames that the log owes it, for one write; they count as delivered. */
  #takeView(maxBytes = Number.POSITIVE_INFINITY): Uint8Array {
    const view = this.#cohort.log.viewUpTo(this.cursor, maxBytes);
    this.cursor = view.to;
    this.#host.counters.deliveries += view.items;
    return view.bytes;
  }

  /** An item written now arrives about one round trip of the last probe later. */
  #ageOf({ heardAt }: StreamItem): number | undefined {
    if (this.format.showsAge !== true || heardAt === undefined) return undefined;
    return Math.round(this.#host.now() - heardAt + this.#outlet.roundTripMs);
  }

  /** Moves the items owed by the log into its own outbox, so that something else can follow them. */
  #takeOwed(): void {
    this.#cohort.pull();
    // Items in the log are bounded by the log; items taken out of it are bounded here.
    if (this.outboxBytes > this.#host.maxOutboxBytes) this.flush();
    if (this.isClosed) return;
    if (this.outboxBytes > this.#host.maxOutboxBytes || (this.isBlocked && this.#isStale())) this.conflate();
    const { log } = this.#cohort;
    if (this.#conflation !== undefined) {
      this.cursor = log.head;
      return;
    }
    while (this.cursor < log.head) this.#keepOwn(this.#takeView());
  }

  /** A frame of any size fits into an empty outbox. */
  #wouldOverflow(frame: Uint8Array): boolean {
    return this.#own !== undefined && this.#own.bytes + frame.length > this.#host.maxOutboxBytes;
  }

  #keepOwn(frame: Uint8Array): void {
    this.#own ??= new OwnFrames();
    this.#own.push(frame);
  }

  /**
   * Writes the newest item of each stream that moved, in one write; returns to every item once it has kept up for a
   * while.
   */
  #writeNewest(conflation: Conflation): void {
    const cohort = this.#cohort;
    cohort.pull();
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
      // A transport must not throw; one that does costs only its own session, not the pass.
      this.close('serverError');
    }
    // A transport may notice in the middle of a write that its client is gone.
    if (this.isClosed) return false;
    if (!this.#outlet.isFull) return true;
    if (!this.isBlocked) {
      this.isBlocked = true;
      this.blockedSince = this.#host.now();
      this.#outlet.owes(this.cursor, this.#cohort.log.head);
      this.#host.blocked(this);
    }
    return false;
  }
}
