import type { Clock } from '@tickwire/protocol';
import type { RateLimit } from './venue.js';

/** Paces all connection attempts to one venue: its limits are those of an address, not of a connection. */
export interface ConnectGate {
  /** Books the next attempt at `notBefore` or later; returns its monotonic time. A booked attempt counts whether made or not. */
  book(notBefore: number): number;
  /** The venue asked us to stay away until then. */
  block(untilMs: number): void;
}

export const createConnectGate = (clock: Clock, limits: readonly RateLimit[]): ConnectGate => {
  const mostKept = Math.max(...limits.map(({ max }) => max));
  /** Booked times, ascending; no more than the largest limit needs. */
  const booked: number[] = [];
  let blockedUntil = 0;

  return {
    book: (notBefore) => {
      let at = Math.max(clock.monotonic(), notBefore, blockedUntil, booked.at(-1) ?? 0);
      // `at` only grows, and each limit looks at its max-th last booking: one pass settles all.
      for (const { max, perMs } of limits) {
        const oldest = booked[booked.length - max];
        // One millisecond more: both ends of the stretch count.
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
