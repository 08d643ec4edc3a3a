import { jest } from '@jest/globals';
import { turns } from './rig.js';

/** From here on timers fall due only by `advance`; the event loop itself goes on. Undone by `jest.useRealTimers()`. */
export const stillTimers = (): void => {
  jest.useFakeTimers({
    doNotFake: ['setImmediate', 'clearImmediate', 'performance', 'Date', 'nextTick', 'queueMicrotask'],
  });
};

/** Lets what falls due in so many milliseconds happen, and what follows from it. */
export const advance = async (ms: number): Promise<void> => {
  jest.advanceTimersByTime(ms);
  await turns();
};
