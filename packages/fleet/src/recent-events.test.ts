import { describe, expect, it } from '@jest/globals';
import { createManualClock } from '@tickwire/protocol/testing';
import { createRecentEvents } from './recent-events.js';

describe('the log of recent events', () => {
  it('[FL10] keeps the newest, counts events repeated within a minute, and cuts long texts', () => {
    const clock = createManualClock(1_000);
    const log = createRecentEvents({ size: 3, clock });
    log.add('refused', 'too many');
    clock.advance(59_999);
    log.add('refused', 'too many', 4);
    expect(log.recent()).toEqual([{ at: 1_000, until: 60_999, kind: 'refused', text: 'too many', count: 5 }]);
    clock.advance(1);
    log.add('refused', 'too many');
    log.add('refused', 'for another reason');
    log.add('loss', 'too many');
    expect(log.recent().map(({ kind, text, count }) => [kind, text, count])).toEqual([
      ['refused', 'too many', 1],
      ['refused', 'for another reason', 1],
      ['loss', 'too many', 1],
    ]);
    log.add('loss', 'x'.repeat(1_000));
    log.add('loss', `${'x'.repeat(300)}y`);
    expect(log.recent()).toHaveLength(3);
    expect(log.recent()[2]).toMatchObject({ text: 'x'.repeat(300), count: 2 });
  });

  it('[FL10] measures the minute by a time that steps of the wall clock do not change', () => {
    const clock = createManualClock(1_000_000);
    const log = createRecentEvents({ clock });
    log.add('refused', 'too many');
    clock.stepWall(-900_000);
    clock.advance(60_000);
    log.add('refused', 'too many');
    expect(log.recent().map(({ at, count }) => [at, count])).toEqual([
      [1_000_000, 1],
      [160_000, 1],
    ]);
  });
});
