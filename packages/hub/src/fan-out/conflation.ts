import type { HubCounters } from '../counters.js';
import type { Cohort } from './cohort.js';
import type { Stream } from './stream.js';
import type { StreamItem } from './wire-format.js';

/** Returns how old an item will be for its client, in milliseconds; undefined if that is not known or not requested. */
export type AgeOf = (item: StreamItem) => number | undefined;

/** Records how much of each stream a conflated session has received; the number of skipped items follows from it. */
export class Conflation {
  readonly #counters: HubCounters;
  readonly #ageOf: AgeOf;
  /** How many items of each stream it received or gave up. */
  #delivered = new Map<Stream, number>();
  /** The stream to begin with, so that no stream always comes last. */
  #next = 0;

  /**
   * Begins with the part of the cohort's log behind a cursor. Hands over the frames that must be kept, in order:
   * notices, and before a notice the newest item of its stream if no item follows.
   */
  constructor(cohort: Cohort, cursor: number, counters: HubCounters, keep: (frame: Uint8Array) => void, ageOf: AgeOf) {
    this.#counters = counters;
    this.#ageOf = ageOf;
    const owed = new Map<Stream, number>();
    const notices: { readonly stream: Stream; readonly frame: Uint8Array; readonly itemsBefore: number }[] = [];
    cohort.log.forEachSince(cursor, (stream, frame) => {
      const items = owed.get(stream) ?? 0;
      if (frame === undefined) owed.set(stream, items + 1);
      else notices.push({ stream, frame, itemsBefore: items });
    });
    for (const stream of cohort.streams) this.#delivered.set(stream, stream.published - (owed.get(stream) ?? 0));
    for (const { stream, frame, itemsBefore } of notices) {
      const newest = itemsBefore === owed.get(stream) ? this.newestFrame(cohort, stream) : undefined;
      if (newest !== undefined) keep(newest);
      keep(frame);
    }
  }

  /**
   * Returns the newest item of each stream that moved, up to this many bytes; the next call continues behind the last
   * one.
   */
  newestItems(cohort: Cohort, maxBytes: number): Uint8Array[] {
    const items: Uint8Array[] = [];
    let left = maxBytes;
    for (let looked = 0; looked < cohort.streams.length && left > 0; looked += 1) {
      const stream = cohort.streams[this.#next % cohort.streams.length];
      this.#next += 1;
      const bytes = stream && this.#newestItem(cohort, stream);
      if (bytes === undefined) continue;
      items.push(bytes);
      left -= bytes.length;
    }
    return items;
  }

  /** Returns the newest item of a stream that moved, as a message. */
  newestFrame(cohort: Cohort, stream: Stream): Uint8Array | undefined {
    const bytes = this.#newestItem(cohort, stream);
    return bytes && cohort.join([bytes]);
  }

  /** None of these streams owes anything. */
  isEven(streams: readonly Stream[]): boolean {
    return streams.every((stream) => this.#owed(stream) === 0);
  }

  /** Drops everything that was owed of this stream. */
  forgive(stream: Stream): void {
    if (this.#delivered.has(stream)) this.#delivered.set(stream, stream.published);
  }

  /** Continues with other streams: those kept stay as they were, new ones are complete as of now. */
  carryTo(streams: readonly Stream[]): void {
    this.#delivered = new Map(streams.map((stream) => [stream, stream.published - this.#owed(stream)]));
  }

  #owed(stream: Stream): number {
    return stream.published - (this.#delivered.get(stream) ?? stream.published);
  }

  /** An item that cannot be encoded stays owed until a newer one can be. */
  #newestItem(cohort: Cohort, stream: Stream): Uint8Array | undefined {
    const owed = this.#owed(stream);
    if (owed === 0 || stream.newest === undefined) return undefined;
    const bytes = cohort.encode(stream.newest, owed - 1, this.#ageOf(stream.newest));
    if (bytes === undefined) return undefined;
    this.#delivered.set(stream, stream.published);
    this.#counters.conflated += owed - 1;
    this.#counters.deliveries += 1;
    return bytes;
  }
}
