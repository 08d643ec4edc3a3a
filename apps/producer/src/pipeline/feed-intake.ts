import { type FeedEvent, instrumentOf } from '@tickwire/market';
import type { Clock } from '@tickwire/protocol';
import type { InstrumentPipelines } from './instrument-pipelines.js';

export interface FeedIntakeOptions {
  readonly pipelines: InstrumentPipelines;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** The present on the feed's own timeline, in milliseconds. */
  readonly now: () => number;
  /** The same moment on a monotonic clock; absent for a recording, whose `now` never goes back. */
  readonly steady: (() => number) | undefined;
  /** Milliseconds of the past whose events are still to come. */
  readonly pastMs: () => number;
  /** Whether the feed's events are in the order of time, so that each of them moves time on. */
  readonly isInOrder: boolean;
  /** Called when the feed has ended. */
  readonly onEnd: () => void | Promise<void>;
}

/** Gives the events of a feed to the pipelines of their instruments, and moves the pipelines' time on. */
export interface FeedIntake {
  take(events: readonly FeedEvent[]): void;
  /** To be called several times in the shortest bar, whether there are events or not. */
  tick(): void;
  /** Time of the last event, on the monotonic clock; undefined before. */
  readonly heardAt: number | undefined;
}

export const createFeedIntake = (options: FeedIntakeOptions): FeedIntake => {
  const { pipelines, clock, now, steady, pastMs, isInOrder, onEnd } = options;
  let heardAt: number | undefined;
  const isHeldUp = createHeldUpCheck(clock.monotonic());

  // The clock must not close bars whose trades are still to come.
  const advance = (): void => {
    if (pastMs() === 0) pipelines.advance(now(), steady?.());
  };

  return {
    take(events) {
      heardAt = clock.monotonic();
      // In a recording each event happens at its own time, not when it is read.
      const at = steady?.();
      for (const event of events) {
        const instrument = instrumentOf(event);
        if (instrument !== undefined) {
          pipelines.of(instrument).add(event, at);
        } else {
          pipelines.end(event);
          void onEnd();
        }
      }
      // An exchange's frame may have others waiting behind it.
      if (isInOrder) advance();
    },
    tick() {
      if (!isHeldUp(clock.monotonic())) advance();
    },
    get heardAt() {
      return heardAt;
    },
  };
};

/** A tick that comes more than this after the last one is late. */
const heldUpMs = 200;

/**
 * Returns whether a tick should skip its work. After a pause of the process, frames wait in its sockets and must be
 * read before time closes the bars they belong to. Never returns true twice in a row: a process that is always late
 * must make progress too. `nowMs` must not go back.
 */
export const createHeldUpCheck = (startedMs: number): ((nowMs: number) => boolean) => {
  let tickedAt = startedMs;
  let hasPassed = false;

  return (nowMs) => {
    const isLate = nowMs - tickedAt > heldUpMs;
    tickedAt = nowMs;
    hasPassed = isLate && !hasPassed;
    return hasPassed;
  };
};
