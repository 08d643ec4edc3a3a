import type { HubCounters } from '../counters.js';
import type { Cohort } from './cohort.js';
import type { Stream } from './stream.js';

/** What a session that gets only newest items has had of each stream: from it comes the number skipped. */
export class Conflation {
  readonly #counters: HubCounters;
  /** How many items of each stream it got, or let go. */
  #delivered = new Map<Stream, number>();
  /** The stream to begin with: none is behind the others for ever. */
  #next = 0;

  /**
   * Begins with what the cohort's log holds behind a cursor. Hands over the frames that must not be given up, in
   * order: notices, and before a notice the newest item of its stream where no other follows.
   */
  constructor(cohort: Cohort, cursor: number, counters: HubCounters, keep: (frame: Uint8Array) => void) {
    this.#counters = counters;
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

  /** The newest item of each stream that moved, until they are so many bytes; the next call goes on behind the last. */
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

  /** The newest item of a stream that moved, as a message. */
  newestFrame(cohort: Cohort, stream: Stream): Uint8Array | undefined {
    const bytes = this.#newestItem(cohort, stream);
    return bytes && cohort.join([bytes]);
  }

  /** Nothing is owed of any of these. */
  isEven(streams: readonly Stream[]): boolean {
    return streams.every((stream) => this.#owed(stream) === 0);
  }

  /** Whatever was owed of this stream is not any more. */
  forgive(stream: Stream): void {
    if (this.#delivered.has(stream)) this.#delivered.set(stream, stream.published);
  }

  /** Goes on with other streams: those it keeps stay as they were, new ones are complete as of now. */
  carryTo(streams: readonly Stream[]): void {
    this.#delivered = new Map(streams.map((stream) => [stream, stream.published - this.#owed(stream)]));
  }

  #owed(stream: Stream): number {
    return stream.published - (this.#delivered.get(stream) ?? stream.published);
  }

  /** One that cannot be encoded stays owed until a newer one can. */
  #newestItem(cohort: Cohort, stream: Stream): Uint8Array | undefined {
    const owed = this.#owed(stream);
    if (owed === 0 || stream.newest === undefined) return undefined;
    const bytes = cohort.encode(stream.newest, owed - 1);
    if (bytes === undefined) return undefined;
    this.#delivered.set(stream, stream.published);
    this.#counters.conflated += owed - 1;
    this.#counters.deliveries += 1;
    return bytes;
  }
}
