import type { Clock } from '@tickwire/protocol';
import type { RateLimit } from './venue.js';

/** Paces all connection attempts to one venue, whose limits apply to an address. */
export interface ConnectGate {
  /**
   * Books the next attempt at `notBefore` or later; returns its monotonic time. A booked attempt counts even if it is
   * not made.
   */
  book(notBefore: number): number;
  /** Allows no attempt before this time, as the venue asked. */
  block(untilMs: number): void;
}

export const createConnectGate = (clock: Clock, limits: readonly RateLimit[]): ConnectGate => {
  const mostKept = Math.max(...limits.map(({ max }) => max));
  /** Booked times, ascending; as many as the largest limit needs. */
  const booked: number[] = [];
  let blockedUntil = 0;

  return {
    book: (notBefore) => {
      let at = Math.max(clock.monotonic(), notBefore, blockedUntil, booked.at(-1) ?? 0);
      // `at` only increases, and each limit checks its max-th last booking, so one pass is enough.
      for (const { max, perMs } of limits) {
        const oldest = booked[booked.length - max];
        // One millisecond more, because both ends of the interval count.
        if (oldest !== undefined) at = Math.max(at, oldest + perMs + 1);
      }
      booked.push(at);
      if (booked.length > mostKept) booked.shift();
      return at;
    },
    block: (untilMs) => {
      blockedUntil = Math.max(blockedUntil, untilMs);
    },
  };
};
