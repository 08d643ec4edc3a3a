const minChunkBytes = 1_024;
/** The size up to which chunks are joined, and the size of writes to a slow session, so that one visit stays short. */
const maxWriteBytes = 262_144;
const nothing = new Uint8Array(0);

/**
 * The frames that a cohort of sessions is owed, in order and shared by all of them. Each session keeps only a cursor (a
 * byte offset that never goes back), so memory does not grow with the number of slow sessions times publications. Each
 * item has a tag: where it belongs. Bytes returned by `view` are never changed: chunks are replaced, not reused.
 */
export class FrameLog<Tag> {
  /** Offset behind the newest byte. */
  head = 0;
  /** Offset of the oldest byte still held. */
  tail = 0;
  /** Number of items in the last view returned. */
  viewItems = 0;

  readonly #chunks: Chunk<Tag>[] = [];
  readonly #maxChunkBytes: number;
  #passMark = 0;
  #lastPassBytes = 0;

  constructor(maxBytes: number) {
    this.#maxChunkBytes = Math.min(Math.max(minChunkBytes, maxBytes >> 3), maxWriteBytes >> 1);
  }

  /** Adds a frame that carries one item for each of these tags. */
  append(frame: Uint8Array, tags: readonly Tag[]): void {
    const chunk = this.#chunkFor(frame);
    chunk.append(frame);
    this.head += frame.length;
    for (const tag of tags) chunk.addItem(this.head, tag);
  }

  /** Adds a frame that is never skipped. */
  appendNotice(frame: Uint8Array, tag: Tag): void {
    const chunk = this.#chunkFor(frame);
    chunk.append(frame);
    this.head += frame.length;
    chunk.addNotice(this.head, tag);
  }

  /**
   * Returns whole frames from a cursor on, up to the head or about `maxWriteBytes`. The caller moves its cursor by the
   * length returned. Sessions at the same cursor get the same view, so it costs each of them only its write.
   */
  view(from: number): Uint8Array {
    const at = this.#chunkAt(from);
    const chunk = this.#chunks[at];
    if (chunk === undefined) return nothing;
    if (chunk.viewFrom !== from || (chunk.viewHead !== this.head && !chunk.isViewFull)) this.#makeView(chunk, at, from);
    this.viewItems = chunk.viewItems;
    return chunk.view;
  }

  /** As `view`, but no more than this many bytes, or the first frame. Sessions share no longer views than these. */
  viewUpTo(from: number, maxBytes: number): Uint8Array {
    if (this.head - from <= maxBytes) return this.view(from);
    const chunk = this.#chunks[this.#chunkAt(from)];
    if (chunk === undefined) return nothing;
    const end = chunk.frameEnd(from, from + maxBytes);
    this.viewItems = chunk.itemsAfter(from) - chunk.itemsAfter(end);
    return chunk.bytes.subarray(from - chunk.start, end - chunk.start);
  }

  /** Calls back once for each item from the cursor on, oldest first; with its frame if it is a notice. */
  forEachSince(from: number, visit: (tag: Tag, notice: Uint8Array | undefined) => void): void {
    for (let at = this.#chunkAt(from); at < this.#chunks.length; at += 1) this.#chunks[at]?.forEachSince(from, visit);
  }

  /** Where the oldest chunk ends: the new `tail` when it is dropped. */
  get oldestChunkEnd(): number {
    const oldest = this.#chunks[0];
    return oldest === undefined ? this.head : oldest.start + oldest.used;
  }

  /** Drops the oldest chunk, even if a session has not read it. */
  dropOldestChunk(): void {
    this.#chunks.shift();
    this.tail = this.#chunks[0]?.start ?? this.head;
  }

  /** After a pass: frees the chunks that lie completely before `offset`, the slowest cursor. */
  trim(offset: number): void {
    while (this.#chunks.length > 0 && this.oldestChunkEnd <= offset) {
      const oldest = this.#chunks[0];
      // The newest chunk stays while it has room: the next frame goes there.
      if (this.#chunks.length === 1 && oldest !== undefined && oldest.used * 2 < oldest.bytes.length) break;
      this.dropOldestChunk();
    }
    this.#lastPassBytes = this.head - this.#passMark;
    this.#passMark = this.head;
  }

  #makeView(chunk: Chunk<Tag>, at: number, from: number): void {
    const first = chunk.bytes.subarray(from - chunk.start, chunk.used);
    let bytes = first.length;
    let items = chunk.itemsAfter(from);
    let parts: Uint8Array[] | undefined;
    let end = at + 1;
    // A view that spans chunks is joined once for all sessions at this cursor, so that it costs each session one write.
    for (let next = this.#chunks[end]; next !== undefined && bytes + next.used <= maxWriteBytes; ) {
      parts ??= [first];
      parts.push(next.bytes.subarray(0, next.used));
      bytes += next.used;
      items += next.itemCount;
      end += 1;
      next = this.#chunks[end];
    }
    chunk.view = parts === undefined ? first : Buffer.concat(parts, bytes);
    chunk.viewFrom = from;
    chunk.viewHead = this.head;
    chunk.viewItems = items;
    chunk.isViewFull = end < this.#chunks.length;
  }

  #chunkFor(frame: Uint8Array): Chunk<Tag> {
    const newest = this.#chunks.at(-1);
    if (newest !== undefined && newest.used + frame.length <= newest.bytes.length) return newest;
    const chunk = new Chunk<Tag>(this.head, Math.max(frame.length, this.#nextChunkBytes()));
    this.#chunks.push(chunk);
    return chunk;
  }

  /** The chunk size follows the traffic: sixteen passes' worth, so that a view seldom spans two chunks. */
  #nextChunkBytes(): number {
    const wanted = 16 * Math.max(this.#lastPassBytes, this.head - this.#passMark);
    return Math.min(Math.max(minChunkBytes, wanted), this.#maxChunkBytes);
  }

  #chunkAt(offset: number): number {
    let at = this.#chunks.length - 1;
    while (at > 0 && (this.#chunks[at]?.start ?? 0) > offset) at -= 1;
    return Math.max(at, 0);
  }
}

class Chunk<Tag> {
  readonly start: number;
  readonly bytes: Buffer;
  used = 0;

  /**
   * The last view from a cursor in this chunk. `viewHead` is the head at that time; `isViewFull`: the view cannot grow.
   */
  view: Uint8Array = nothing;
  viewFrom = -1;
  viewHead = -1;
  viewItems = 0;
  isViewFull = false;

  /** For each item, where its frame ends in the log; items of one batch share a frame and therefore an end. */
  readonly #ends: number[] = [];
  readonly #tags: Tag[] = [];
  /** Indexes of the items that are notices. */
  #notices: Set<number> | undefined;

  constructor(start: number, size: number) {
    this.start = start;
    this.bytes = Buffer.allocUnsafeSlow(size);
  }

  get itemCount(): number {
    return this.#ends.length;
  }

  append(frame: Uint8Array): void {
    this.bytes.set(frame, this.used);
    this.used += frame.length;
  }

  addItem(end: number, tag: Tag): void {
    this.#ends.push(end);
    this.#tags.push(tag);
  }

  addNotice(end: number, tag: Tag): void {
    this.#notices ??= new Set();
    this.#notices.add(this.#ends.length);
    this.addItem(end, tag);
  }

  forEachSince(from: number, visit: (tag: Tag, notice: Uint8Array | undefined) => void): void {
    for (let i = this.#firstAfter(from); i < this.#ends.length; i += 1) {
      const tag = this.#tags[i];
      if (tag === undefined) continue;
      if (this.#notices?.has(i) !== true) {
        visit(tag, undefined);
        continue;
      }
      const start = this.#ends[i - 1] ?? this.start;
      visit(tag, this.bytes.subarray(start - this.start, (this.#ends[i] ?? start) - this.start));
    }
  }

  /** Where the last frame ends that lies before `limit`; or the first one after `from`, if that is none. */
  frameEnd(from: number, limit: number): number {
    const last = this.#ends[this.#firstAfter(limit) - 1];
    return last !== undefined && last > from ? last : (this.#ends[this.#firstAfter(from)] ?? this.start + this.used);
  }

  itemsAfter(offset: number): number {
    return this.#ends.length - this.#firstAfter(offset);
  }

  #firstAfter(offset: number): number {
    let low = 0;
    let high = this.#ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ends[middle] ?? 0) > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
