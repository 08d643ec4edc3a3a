/** The size of a write to a slow session, so that one visit stays short. */
const maxWriteBytes = 262_144;
/** Views kept beside the last one, for sessions that stand at other places. */
const maxOtherViews = 8;

/** What is sent in one frame: an item, a joined batch of items, or a notice. Shared by all logs that hold it. */
export interface Frame<Tag> {
  readonly bytes: Uint8Array;
  /** The tag of each item; one for a notice. */
  readonly tags: readonly Tag[];
  /** A notice is never skipped. */
  readonly isNotice: boolean;
}

/** Whole frames from a cursor on, ready for one write. */
export interface View {
  readonly from: number;
  /** The cursor behind it. */
  readonly to: number;
  readonly bytes: Uint8Array;
  readonly items: number;
  /** More frames would not have fitted, so it stays as it is. */
  readonly isFull: boolean;
}

/**
 * The frames that a cohort of sessions is owed, in order and shared by all of them. Each session keeps only a cursor
 * (the number of frames before it, which never goes back), so memory does not grow with the number of slow sessions
 * times publications. Frames are held by reference: however many logs have one, its bytes exist once.
 */
export class FrameLog<Tag> {
  /** The cursor behind the newest frame. */
  head = 0;
  /** The cursor before the oldest frame still held. */
  tail = 0;
  /** Total size of all frames held. */
  bytes = 0;

  /**
   * Frames from the tail on. The places behind the head stay allocated and empty: a log that fills and empties
   * allocates nothing.
   */
  readonly #frames: (Frame<Tag> | undefined)[] = [];
  #view: View | undefined;
  #otherViews: View[] | undefined;

  append(frame: Frame<Tag>): void {
    this.#frames[this.head - this.tail] = frame;
    this.head += 1;
    this.bytes += frame.bytes.length;
  }

  /**
   * Returns whole frames from a cursor on, up to the head or about `maxWriteBytes`. Sessions at the same cursor get the
   * same object, so it costs each of them only its write.
   */
  view(from: number): View {
    const view = this.#view;
    if (view !== undefined && this.#isCurrent(view, from)) return view;
    const known = this.#otherViews?.find((other) => this.#isCurrent(other, from));
    return known ?? this.#makeView(from);
  }

  bytesSince(from: number): number {
    if (from <= this.tail) return this.bytes;
    if (this.#view?.from === from && this.#view.to === this.head) return this.#view.bytes.length;
    let bytes = 0;
    for (let at = from; at < this.head; at += 1) bytes += this.#frameAt(at).bytes.length;
    return bytes;
  }

  /** Returns a view of at most this many bytes, or of one frame if that is larger. Only the long views are shared. */
  viewUpTo(from: number, maxBytes: number): View {
    const view = this.view(from);
    return view.bytes.length <= maxBytes ? view : this.#join(from, maxBytes);
  }

  /** Calls back once for each item from the cursor on, oldest first; with its frame if it is a notice. */
  forEachSince(from: number, visit: (tag: Tag, notice: Uint8Array | undefined) => void): void {
    for (let at = Math.max(from, this.tail); at < this.head; at += 1) {
      const { tags, bytes, isNotice } = this.#frameAt(at);
      for (const tag of tags) visit(tag, isNotice ? bytes : undefined);
    }
  }

  /** The cursor from which on the log holds no more than this. */
  cursorAt(maxBytes: number): number {
    let at = this.tail;
    for (let { bytes } = this; bytes > maxBytes; at += 1) bytes -= this.#frameAt(at).bytes.length;
    return at;
  }

  /** Frees the frames before the cursor, whether every session has them or not. */
  trim(to: number): void {
    const freed = to - this.tail;
    if (freed <= 0) return;
    for (let at = this.tail; at < to; at += 1) this.bytes -= this.#frameAt(at).bytes.length;
    const held = this.head - to;
    const frames = this.#frames;
    for (let index = 0; index < held; index += 1) frames[index] = frames[index + freed];
    for (let index = held; index < held + freed; index += 1) frames[index] = undefined;
    this.tail = to;
    this.#view = undefined;
    this.#otherViews = undefined;
  }

  #frameAt(cursor: number): Frame<Tag> {
    return this.#frames[cursor - this.tail] as Frame<Tag>;
  }

  #isCurrent(view: View, from: number): boolean {
    return view.from === from && (view.to === this.head || view.isFull);
  }

  #makeView(from: number): View {
    const view = this.#join(from, maxWriteBytes);
    const before = this.#view;
    if (before !== undefined && before.from !== from) {
      this.#otherViews ??= [];
      if (this.#otherViews.length === maxOtherViews) this.#otherViews.shift();
      this.#otherViews.push(before);
    }
    this.#view = view;
    return view;
  }

  #join(from: number, maxBytes: number): View {
    let to = from;
    let length = 0;
    let items = 0;
    for (; to < this.head; to += 1) {
      const { bytes, tags } = this.#frameAt(to);
      if (to > from && length + bytes.length > maxBytes) break;
      length += bytes.length;
      items += tags.length;
    }
    return { from, to, bytes: this.#bytesOf(from, to, length), items, isFull: to < this.head };
  }

  #bytesOf(from: number, to: number, length: number): Uint8Array {
    if (to === from + 1) return this.#frameAt(from).bytes;
    const joined = Buffer.allocUnsafe(length);
    let end = 0;
    for (let at = from; at < to; at += 1) {
      const { bytes } = this.#frameAt(at);
      joined.set(bytes, end);
      end += bytes.length;
    }
    return joined;
  }
}
