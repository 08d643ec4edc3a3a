import type { Cohort } from './cohort.js';
import type { StreamItem } from './wire-format.js';

let lastId = 0;

/** A sequence of items that sessions follow: a channel as published, a channel at an interval, or a consumer's own. */
export class Stream {
  /** Part of the key of a cohort. */
  readonly id: number;
  readonly name: string;
  /** Items so far: what a slow session compares to know how many it skipped. */
  published = 0;
  newest: StreamItem | undefined;
  readonly cohorts = new Set<Cohort>();

  constructor(name: string) {
    lastId += 1;
    this.id = lastId;
    this.name = name;
  }

  /** Hands the item to every session that follows this stream; they are written to at the next pass. */
  publish(item: StreamItem): void {
    this.published += 1;
    this.newest = item;
    for (const cohort of this.cohorts) cohort.append(this, item);
  }

  /** Tells every session that follows this stream something that is not one of its items. */
  notify(notice: StreamItem): void {
    for (const cohort of this.cohorts) cohort.appendNotice(this, notice);
  }

  get isFollowed(): boolean {
    return this.cohorts.size > 0;
  }
}
