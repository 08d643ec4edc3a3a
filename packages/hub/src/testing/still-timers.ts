import { jest } from '@jest/globals';
import { turns } from './rig.js';

/** From here on only `advance` makes timers due; the event loop itself continues. `jest.useRealTimers()` ends it. */
export const stillTimers = (): void => {
  jest.useFakeTimers({
    doNotFake: ['setImmediate', 'clearImmediate', 'performance', 'Date', 'nextTick', 'queueMicrotask'],
  });
};

/** Runs the timers due within this many milliseconds, and their consequences. */
export const advance = async (ms: number): Promise<void> => {
  jest.advanceTimersByTime(ms);
  await turns();
};
