import type { Clock } from '@tickwire/protocol';
import type { Owner, VirtualTime } from './virtual-time.js';

/** A process of the cluster: what belongs to it stands still while it is paused, and ends when it is killed. */
export class SimulatedProcess implements Owner {
  readonly name: string;
  readonly clock: Clock;
  isDead = false;
  #pausedUntil = 0;
  /** How far its wall clock is off. */
  wallAheadMs = 0;

  constructor(name: string, time: VirtualTime, monotonicStartMs: number) {
    this.name = name;
    this.clock = {
      wall: () => Math.floor(simulatedEpochMs + time.now() + this.wallAheadMs),
      monotonic: () => monotonicStartMs + time.now(),
      after: (delayMs, callback) => {
        const task = time.after(delayMs, callback, this);
        return () => {
          task.isCancelled = true;
        };
      },
    };
  }

  get pausedUntil(): number {
    return this.#pausedUntil;
  }

  /** If there are several pauses, the longest counts. */
  pauseUntil(atMs: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, atMs);
  }
}

/** The wall time at which every schedule begins. */
export const simulatedEpochMs = Date.UTC(2024, 0, 1);
