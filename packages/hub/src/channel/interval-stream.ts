import { Stream } from '../fan-out/stream.js';
import type { Publication, StreamItem } from '../fan-out/wire-format.js';

/** The limits of what a client may ask for, in milliseconds. */
export const minIntervalMs = 20;
export const maxIntervalMs = 60_000;

/** A channel at one update per interval: the newest publication at each tick, if there was a new one. */
export class IntervalStream extends Stream {
  #next: Publication | undefined;
  readonly #joining = new Set<() => void>();

  get isWanted(): boolean {
    // Not `isFollowed`: of a thousand that leave one after another each would settle the others. A sweep comes after them.
    return this.followers.size > 0 || this.#joining.size > 0;
  }

  /**
   * Lets in a session that has received everything up to now. It must not get the waiting publication again, so it
   * joins only after that one was published or replaced. `follow` is called once, perhaps at once; the returned
   * function cancels the wait.
   */
  join(follow: () => void): () => void {
    if (this.#next === undefined) {
      follow();
      return () => {};
    }
    this.#joining.add(follow);
    return () => this.#joining.delete(follow);
  }

  /** The newest publication replaces the waiting one. */
  offer(publication: Publication): void {
    this.#next = publication;
    this.#letIn();
  }

  tick(): void {
    const next = this.#next;
    if (next === undefined) return;
    this.#next = undefined;
    this.publish(next);
    this.#letIn();
  }

  /** A notice neither waits nor overtakes: the waiting publication is sent before it, ahead of its time. */
  override notify(notice: StreamItem): void {
    this.tick();
    super.notify(notice);
  }

  #letIn(): void {
    if (this.#joining.size === 0) return;
    const joining = [...this.#joining];
    this.#joining.clear();
    for (const follow of joining) follow();
  }
}

/** One timer per interval, whatever the number of channels and sessions. */
export interface IntervalClocks {
  /** Ticks the stream every `intervalMs` until the returned function is called. */
  add(intervalMs: number, stream: IntervalStream): () => void;
  close(): void;
}

export const createIntervalClocks = (): IntervalClocks => {
  const clocks = new Map<number, { readonly timer: NodeJS.Timeout; readonly streams: Set<IntervalStream> }>();

  const start = (intervalMs: number) => {
    const streams = new Set<IntervalStream>();
    const timer = setInterval(() => {
      for (const stream of streams) stream.tick();
    }, intervalMs);
    const clock = { timer, streams };
    clocks.set(intervalMs, clock);
    return clock;
  };

  return {
    add(intervalMs, stream) {
      const clock = clocks.get(intervalMs) ?? start(intervalMs);
      clock.streams.add(stream);
      return () => {
        clock.streams.delete(stream);
        if (clock.streams.size > 0 || clocks.get(intervalMs) !== clock) return;
        clearInterval(clock.timer);
        clocks.delete(intervalMs);
      };
    },
    close() {
      for (const clock of clocks.values()) clearInterval(clock.timer);
      clocks.clear();
    },
  };
};
