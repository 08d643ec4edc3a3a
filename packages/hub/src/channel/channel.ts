import type { GroupLayer, History, HistoryRange, Unsubscribe } from '@tickwire/channel-layer';
import type { Position } from '@tickwire/protocol';
import type { HubCounters, HubObserver } from '../counters.js';
import { Stream } from '../fan-out/stream.js';
import { type ChannelNotice, NoticeItem, Publication, positionOf } from '../fan-out/wire-format.js';
import { type IntervalClocks, IntervalStream, maxIntervalMs, minIntervalMs } from './interval-stream.js';
import { createSequencer, type Sequencer } from './sequencer.js';

/** The parts of a channel layer with history that the hub uses. */
export interface PublicationSource {
  readonly layer: Pick<GroupLayer, 'groupListen' | 'onEvent'>;
  readonly history: Pick<History, 'read' | 'newest'>;
}

export interface ChannelOptions {
  readonly name: string;
  readonly source: PublicationSource;
  readonly counters: HubCounters;
  readonly clocks: IntervalClocks;
  /** Publications kept in memory, so that joining the live stream does not depend on a fast history. */
  readonly recentSize: number;
  /** Returns the newest publication of the channel from history; calls in one turn share a round trip. */
  readonly newest: (name: string) => Promise<HistoryRange>;
  readonly observer: HubObserver;
  readonly now: () => number;
}

/**
 * Why a channel is stale: the layer has lost the group; Redis rejects reads of its history, so that nothing can be
 * published there either; or its producer reports that it cannot publish there.
 */
export type ChannelTrouble = 'lost' | 'rejected' | 'aside';

export type Tap = (publication: Publication) => void;

/** Whether it says that Redis rejects the group, as where a key has another type; not one that has nothing yet. */
export const isRejection = ({ position, unreadable }: HistoryRange): boolean =>
  position === null && unreadable !== undefined;

interface IntervalEntry {
  readonly stream: IntervalStream;
  readonly stop: () => void;
}

/**
 * A group as this gateway follows it: its place in the sequence, the latest publications and the streams made of them.
 */
export class Channel {
  readonly name: string;
  readonly every: Stream;
  /** Number of sessions and taps that use the channel. At zero it lingers, then closes. */
  users = 0;
  /** Why it is stale, with the number of the trouble among all that began. */
  readonly #troubles = new Map<ChannelTrouble, number>();
  #begun = 0;
  isOpen = false;
  /** When a message with a position was last heard, by the hub's clock. */
  heardAt: number;

  readonly #options: ChannelOptions;
  readonly #sequencer: Sequencer;
  readonly #intervals = new Map<number, IntervalEntry>();
  readonly #taps = new Set<Tap>();
  readonly #recent: Publication[] = [];
  #unsubscribe: Unsubscribe | undefined;
  #opened: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: ChannelOptions) {
    this.name = options.name;
    this.heardAt = options.now();
    this.#options = options;
    this.every = new Stream(options.name, options.name);
    this.#sequencer = createSequencer({
      channel: options.name,
      counters: options.counters,
      read: (afterSeq, limit) => options.source.history.read(options.name, { afterSeq, limit }),
      onPublication: (publication) => this.#publish(publication),
      onNotice: (notice) => this.notify(notice),
      now: options.now,
    });
  }

  /** The position of the newest publication; undefined while none is known. */
  get position(): Position | undefined {
    return this.#sequencer.position;
  }

  /** Returns whether another publication has replaced the one that a client read at this position. */
  isReplaced(at: Position): boolean {
    return this.#sequencer.isReplaced(at);
  }

  /** Resolves once nothing published from now on can be missed. Rejects if the layer cannot subscribe or read. */
  open(): Promise<void> {
    this.#opened ??= this.#open();
    return this.#opened;
  }

  async #open(): Promise<void> {
    const { source, newest, name, now } = this.#options;
    this.#unsubscribe = await source.layer.groupListen(name, (message, json) => {
      // A message that is not in history does not prove that the channel is up to date with history.
      if (message['seq'] !== undefined) this.heardAt = now();
      this.#sequencer.accept(message, json);
    });
    if (this.#isClosed) return this.#unsubscribe();
    const range = await newest(name);
    for (const message of range.messages) {
      const publication = new Publication(name, positionOf(message), message);
      this.#remember(publication);
      this.every.newest = publication;
    }
    this.#sequencer.start(range);
    if (isRejection(range)) this.begin('rejected');
    this.isOpen = true;
  }

  /**
   * Returns publications after `seq`, oldest first, if all of them are in memory; undefined when some must be read
   * back.
   */
  recentAfter(seq: number): Publication[] | undefined {
    const top = this.position?.seq ?? 0;
    if (seq >= top) return [];
    const first = this.#recent.findIndex((publication) => publication.position?.seq === seq + 1);
    if (first === -1) return undefined;
    const after = this.#recent.slice(first).filter((publication) => publication.position !== undefined);
    return after.length === top - seq ? after : undefined;
  }

  /** The newest publication, with or without a position. */
  get newest(): Publication | undefined {
    return this.#recent.at(-1);
  }

  /**
   * Returns the stream of this channel at an interval within the limits; with `undefined`, the stream of every
   * publication.
   */
  stream(intervalMs: number | undefined): Stream {
    if (intervalMs === undefined) return this.every;
    const allowedMs = Math.min(Math.max(Math.round(intervalMs), minIntervalMs), maxIntervalMs);
    const known = this.#intervals.get(allowedMs);
    if (known !== undefined) return known.stream;
    const stream = new IntervalStream(`${this.name}@${allowedMs}`, this.name);
    stream.newest = this.newest;
    const stop = this.#options.clocks.add(allowedMs, stream);
    this.#intervals.set(allowedMs, { stream, stop });
    return stream;
  }

  /** Stops the clocks of intervals that have no followers left. */
  releaseIntervals(): void {
    for (const [intervalMs, { stream, stop }] of this.#intervals) {
      if (stream.isWanted) continue;
      stop();
      this.#intervals.delete(intervalMs);
    }
  }

  /** A listener that throws is counted; the others continue. */
  tap(listener: Tap): () => void {
    const tap: Tap = (publication) => {
      try {
        listener(publication);
      } catch {
        this.#options.counters.failedTaps += 1;
      }
    };
    this.#taps.add(tap);
    if (this.newest !== undefined) tap(this.newest);
    return () => this.#taps.delete(tap);
  }

  /** Resolves when everything published until now is delivered or reported as lost. */
  catchUp(): Promise<void> {
    return this.#sequencer.catchUp();
  }

  /** True from the `stale` notice to the `live` notice. */
  get isStale(): boolean {
    return this.#troubles.size > 0;
  }

  get isLost(): boolean {
    return this.#troubles.has('lost');
  }

  get isRejected(): boolean {
    return this.#troubles.has('rejected');
  }

  /** From now on messages of this group may be missing or late. */
  begin(trouble: ChannelTrouble): void {
    const wasStale = this.isStale;
    this.#begun += 1;
    this.#troubles.set(trouble, this.#begun);
    if (!wasStale) this.notify({ kind: 'stale', channel: this.name });
  }

  /** The missed messages are read, then the channel is live, unless the trouble began again or there is another one. */
  async end(trouble: ChannelTrouble): Promise<void> {
    const begun = this.#troubles.get(trouble);
    if (begun === undefined) return;
    await this.catchUp();
    if (this.#troubles.get(trouble) !== begun) return;
    this.#troubles.delete(trouble);
    if (this.#isClosed || this.isStale) return;
    this.notify({ kind: 'live', channel: this.name });
  }

  notify(notice: ChannelNotice): void {
    if (notice.kind === 'lost') this.#recent.length = 0;
    const item = new NoticeItem(notice);
    this.every.notify(item);
    for (const { stream } of this.#intervals.values()) stream.notify(item);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#sequencer.close();
    for (const { stop } of this.#intervals.values()) stop();
    this.#intervals.clear();
    await this.#unsubscribe?.();
  }

  #publish(publication: Publication): void {
    this.#options.observer.published(publication);
    this.#remember(publication);
    this.every.publish(publication);
    for (const { stream } of this.#intervals.values()) stream.offer(publication);
    for (const tap of this.#taps) tap(publication);
  }

  #remember(publication: Publication): void {
    this.#recent.push(publication);
    if (this.#recent.length > this.#options.recentSize) this.#recent.shift();
  }
}
