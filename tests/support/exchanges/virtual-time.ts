import type { ManualClock } from '@tickwire/protocol/testing';

/** Lets everything happen that hangs on promises already kept. */
export const settle = async (): Promise<void> => {
  // The longest chain is a request that failed on one address and was tried on the next.
  for (let i = 0; i < 24; i++) await Promise.resolve();
};

/** Moves a manual clock on, timer by timer, with time for promises between two. */
export const runUntil = async (clock: ManualClock, timeMs: number): Promise<void> => {
  await settle();
  for (let due = clock.nextDue(); due !== undefined && due <= timeMs; due = clock.nextDue()) {
    clock.advanceTo(due);
    await settle();
  }
  clock.advanceTo(timeMs);
  await settle();
};

export const runFor = (clock: ManualClock, byMs: number): Promise<void> => runUntil(clock, clock.now() + byMs);
