import type { StreamItem } from './wire-format.js';

/** A receiver of everything published on a stream. */
export interface StreamFollower {
  /** Something is about to be published: who joined or left before does so now. */
  settle(): void;
  append(stream: Stream, item: StreamItem): void;
  appendNotice(stream: Stream, notice: StreamItem): void;
}

let lastId = 0;

/** A sequence of items that sessions follow: a channel as published, a channel at an interval, or a consumer's own. */
export class Stream {
  /** Part of the key of a cohort. */
  readonly id: number;
  readonly name: string;
  /** The channel whose publications it carries; undefined for a stream that a consumer made. */
  readonly channel: string | undefined;
  /** Number of items so far: a slow session compares it to know how many it skipped. */
  published = 0;
  newest: StreamItem | undefined;
  readonly followers = new Set<StreamFollower>();

  constructor(name: string, channel?: string) {
    lastId += 1;
    this.id = lastId;
    this.name = name;
    this.channel = channel;
  }

  /** Passes the item to every session that follows this stream; they are written to in the next pass. */
  publish(item: StreamItem): void {
    this.#settle();
    this.published += 1;
    this.newest = item;
    for (const follower of this.followers) follower.append(this, item);
  }

  /** Notifies every session that follows this stream of something that is not one of its items. */
  notify(notice: StreamItem): void {
    this.#settle();
    for (const follower of this.followers) follower.appendNotice(this, notice);
  }

  get isFollowed(): boolean {
    this.#settle();
    return this.followers.size > 0;
  }

  /** Followers may come and go meanwhile. */
  #settle(): void {
    for (const follower of this.followers) follower.settle();
  }
}
