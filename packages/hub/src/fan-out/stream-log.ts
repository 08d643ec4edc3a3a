import type { HubCounters } from '../counters.js';
import type { Frame } from './frame-log.js';
import type { Stream, StreamFollower } from './stream.js';
import { joined, type StreamItem, type WireFormat } from './wire-format.js';

const minPendingBytes = 1_024;

/** Counts the publications of all streams of a hub. The count is the order in which sessions receive them. */
export interface Arrivals {
  last: number;
}

/** Sessions that follow the stream, together with others or alone. */
export interface LogReader {
  /** Takes over what its streams have published since. */
  pull(): void;
  appendNotice(stream: Stream, notice: Uint8Array): void;
}

export interface StreamLogHost<Reader extends LogReader> {
  readonly arrivals: Arrivals;
  readonly counters: HubCounters;
  readonly maxOutboxBytes: number;
  /** Makes the changes of what sessions follow that were put off. */
  settle(): void;
  /** The sessions of the log's cohorts have not received what it holds. */
  mark(log: StreamLog<Reader>): void;
}

/**
 * What one stream published, in one format, until each cohort that follows it has taken it. So a publication is encoded
 * and stored once, however many cohorts there are: when a cohort is visited, it takes everything new of all its
 * streams.
 */
export class StreamLog<Reader extends LogReader = LogReader> implements StreamFollower {
  readonly stream: Stream;
  readonly format: WireFormat;
  readonly cohorts = new Set<Reader>();
  /** Sessions that are about to follow it. */
  holds = 0;
  /** Already waiting for its pass. */
  isMarked = false;
  /** The arrival of its newest frame. */
  newest = 0;

  readonly #host: StreamLogHost<Reader>;
  readonly #alone: readonly Stream[];
  #frames: Frame<Stream>[] = [];
  #arrivals: number[] = [];
  #bytes = 0;
  #passNewest = 0;

  constructor(stream: Stream, format: WireFormat, host: StreamLogHost<Reader>) {
    this.stream = stream;
    this.format = format;
    this.#host = host;
    this.#alone = [stream];
  }

  settle(): void {
    this.#host.settle();
  }

  append(_stream: Stream, item: StreamItem): void {
    const { arrivals, counters, maxOutboxBytes } = this.#host;
    let bytes: Uint8Array;
    try {
      bytes = item.encode(this.format, 0);
    } catch {
      counters.unencodable += 1;
      return;
    }
    arrivals.last += 1;
    this.newest = arrivals.last;
    this.#arrivals.push(this.newest);
    this.#frames.push({ bytes, tags: this.#alone, isNotice: false });
    this.#bytes += bytes.length;
    // What no cohort has taken counts towards no outbox, so it must be bounded here.
    if (this.#bytes >= Math.max(minPendingBytes, maxOutboxBytes >> 3)) this.#handOver();
    this.#host.mark(this);
  }

  appendNotice(stream: Stream, notice: StreamItem): void {
    let bytes: Uint8Array;
    try {
      bytes = joined(this.format, [notice.encode(this.format, 0)]);
    } catch {
      this.#host.counters.unencodable += 1;
      return;
    }
    // A copy, because this may close sessions.
    for (const cohort of [...this.cohorts]) cohort.appendNotice(stream, bytes);
    this.#host.mark(this);
  }

  /** The index of the first frame that arrived later. */
  indexAfter(arrival: number): number {
    let index = this.#arrivals.length;
    while (index > 0 && (this.#arrivals[index - 1] as number) > arrival) index -= 1;
    return index;
  }

  arrivalAt(index: number): number {
    return this.#arrivals[index] as number;
  }

  get length(): number {
    return this.#arrivals.length;
  }

  frameAt(index: number): Frame<Stream> {
    return this.#frames[index] as Frame<Stream>;
  }

  beginPass(): void {
    this.isMarked = false;
    this.#passNewest = this.newest;
  }

  /** Every cohort was visited since the pass began. */
  endPass(): void {
    let taken = 0;
    for (; taken < this.length && this.arrivalAt(taken) <= this.#passNewest; taken += 1) {
      this.#bytes -= this.frameAt(taken).bytes.length;
    }
    this.#arrivals.splice(0, taken);
    this.#frames.splice(0, taken);
  }

  #handOver(): void {
    for (const cohort of [...this.cohorts]) cohort.pull();
    this.#frames = [];
    this.#arrivals = [];
    this.#bytes = 0;
  }
}

type Frames = Pick<StreamLog, 'newest' | 'length' | 'indexAfter' | 'arrivalAt' | 'frameAt'>;

/** A heap by arrival, shared by all calls: none of them calls back. */
const sources: (Frames | undefined)[] = [];
const places: number[] = [];
const arrivalsThere: number[] = [];

const put = (index: number, source: Frames | undefined, place: number, arrival: number): void => {
  sources[index] = source;
  places[index] = place;
  arrivalsThere[index] = arrival;
};

/** Restores the order of the heap below an entry that is too late for its place. */
const sink = (from: number, count: number): void => {
  const source = sources[from];
  const place = places[from] as number;
  const arrival = arrivalsThere[from] as number;
  let index = from;
  for (let child = index * 2 + 1; child < count; child = index * 2 + 1) {
    const next = child + 1;
    if (next < count && (arrivalsThere[next] as number) < (arrivalsThere[child] as number)) child = next;
    if (arrival < (arrivalsThere[child] as number)) break;
    put(index, sources[child], places[child] as number, arrivalsThere[child] as number);
    index = child;
  }
  put(index, source, place, arrival);
};

/** Hands over what arrived later in these logs, in the order of arrival. Returns whether there was anything. */
export const takeSince = (
  logs: readonly Frames[],
  arrival: number,
  take: { append(frame: Frame<Stream>): void },
): boolean => {
  let count = 0;
  for (const log of logs) {
    if (log.newest <= arrival) continue;
    const place = log.indexAfter(arrival);
    if (place === log.length) continue;
    put(count, log, place, log.arrivalAt(place));
    count += 1;
  }
  const hasAny = count > 0;
  for (let index = (count >> 1) - 1; index >= 0; index -= 1) sink(index, count);
  while (count > 0) {
    const source = sources[0] as Frames;
    const next = (places[0] as number) + 1;
    take.append(source.frameAt(next - 1));
    if (next < source.length) put(0, source, next, source.arrivalAt(next));
    else {
      count -= 1;
      put(0, sources[count], places[count] as number, arrivalsThere[count] as number);
      sources[count] = undefined;
    }
    sink(0, count);
  }
  return hasAny;
};
