import { describe, expect, it } from '@jest/globals';
import { createRecentEvents } from './recent-events.js';

describe('the log of recent events', () => {
  it('[R5] keeps the newest, counts what comes again within a minute, and cuts what is long', () => {
    let at = 1_000;
    const log = createRecentEvents({ size: 3, now: () => at });
    log.add('refused', 'too many');
    at = 60_999;
    log.add('refused', 'too many', 4);
    expect(log.recent()).toEqual([{ at: 1_000, until: 60_999, kind: 'refused', text: 'too many', count: 5 }]);
    at = 61_000;
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
});
