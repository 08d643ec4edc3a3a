import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createLayerEvents } from './events.js';
import type { LayerEvent } from './layer.js';

const poison = { type: 'poison', address: 'asgi__group__g', reason: 'unreadable' } as const;
const dropped = { type: 'dropped', channel: 'c', reason: 'full' } as const;

describe('layer events', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  const listenTo = (intervalMs: number) => {
    const events = createLayerEvents(intervalMs);
    const seen: LayerEvent[] = [];
    const undo = events.on((event) => seen.push(event));
    return { events, seen, undo };
  };

  test('[L14] the first is reported at once, the rest of the interval in one event', () => {
    const { events, seen } = listenTo(1_000);
    for (let index = 0; index < 500; index += 1) events.count(poison);
    expect(seen).toEqual([{ ...poison, count: 1 }]);
    jest.advanceTimersByTime(1_000);
    expect(seen).toEqual([
      { ...poison, count: 1 },
      { ...poison, count: 499 },
    ]);
    events.close();
  });

  test('[L14] addresses and reasons are counted separately', () => {
    const { events, seen } = listenTo(1_000);
    events.count(poison);
    events.count({ ...poison, reason: 'no-type' });
    events.count(dropped);
    events.count({ ...dropped, reason: 'expired' });
    expect(seen).toHaveLength(4);
    events.close();
  });

  test('[L14] after a quiet interval nothing runs any more, and the next is reported at once', () => {
    const { events, seen } = listenTo(1_000);
    events.count(dropped);
    jest.advanceTimersByTime(1_000);
    expect(jest.getTimerCount()).toBe(0);
    events.count(dropped);
    expect(seen).toEqual([
      { ...dropped, count: 1 },
      { ...dropped, count: 1 },
    ]);
    events.close();
  });

  test('[L14] closing reports what was added up, and ends the timer', () => {
    const { events, seen } = listenTo(1_000);
    events.count(dropped);
    events.count(dropped);
    events.close();
    expect(seen).toEqual([
      { ...dropped, count: 1 },
      { ...dropped, count: 1 },
    ]);
    expect(jest.getTimerCount()).toBe(0);
  });

  test('[L14] a listener that throws does not stop the others, and it can be removed', () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const events = createLayerEvents(1_000);
    const seen: LayerEvent[] = [];
    events.on(() => {
      throw new Error('bad listener');
    });
    const undo = events.on((event) => seen.push(event));
    events.emit({ type: 'lost', groups: ['g'], reason: 'r' });
    undo();
    undo();
    events.emit({ type: 'restored', groups: ['g'], downMs: 1 });
    expect(seen).toEqual([{ type: 'lost', groups: ['g'], reason: 'r' }]);
    expect(warn).toHaveBeenCalledTimes(2);
    warn.mockRestore();
  });
});
