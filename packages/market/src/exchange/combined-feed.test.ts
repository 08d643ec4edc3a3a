import { describe, expect, test } from '@jest/globals';
import { MarketError } from '../errors.js';
import type { Feed, FeedEvent } from '../feed.js';
import { createCombinedFeed } from './combined-feed.js';

const createFeed = (venue: string, symbol: string) => {
  let listener: ((events: readonly FeedEvent[]) => void) | undefined;
  const feed = {
    instruments: [{ venue, symbol }],
    closed: 0,
    failure: undefined as Error | undefined,
    start: async (onEvents: (events: readonly FeedEvent[]) => void) => {
      if (feed.failure) throw feed.failure;
      listener = onEvents;
    },
    close: async () => {
      feed.closed += 1;
    },
    emit: (...events: FeedEvent[]) => listener?.(events),
  };
  return feed satisfies Feed;
};

const live = (venue: string): FeedEvent => ({
  kind: 'state',
  state: { venue, symbol: 'BTC-USD', state: 'live', rts: 1 },
});

describe('feeds together', () => {
  test('[M93] give out what each gives, and end once, when the last one ends', async () => {
    const [a, b] = [createFeed('a', 'BTC-USD'), createFeed('b', 'BTC-USD')];
    const combined = createCombinedFeed([a, b]);
    expect(combined.instruments).toEqual([...a.instruments, ...b.instruments]);
    expect(combined.now).toBeUndefined();
    const arrays: (readonly FeedEvent[])[] = [];
    await combined.start((events) => arrays.push(events));
    b.emit(live('b'));
    a.emit(live('a'), { kind: 'end' });
    a.emit();
    b.emit({ kind: 'end' });
    expect(arrays).toEqual([[live('b')], [live('a')], [], [{ kind: 'end' }]]);
    await combined.close();
    expect([a.closed, b.closed]).toEqual([1, 1]);
  });

  test('[M93] if one does not start, all are closed and its error is thrown', async () => {
    const [a, b] = [createFeed('a', 'BTC-USD'), createFeed('b', 'BTC-USD')];
    b.failure = new MarketError('unknown-symbol', 'no');
    await expect(createCombinedFeed([a, b]).start(() => {})).rejects.toBe(b.failure);
    expect([a.closed, b.closed]).toEqual([1, 1]);
  });

  test('[M93] a repeated instrument, no feeds, and one with its own timeline among several are rejected', () => {
    const a = createFeed('a', 'BTC-USD');
    const replay = { ...createFeed('r', 'BTC-USD'), now: () => 5 };
    const refused = expect.objectContaining({ code: 'bad-option' });
    expect(() => createCombinedFeed([a, createFeed('a', 'BTC-USD')])).toThrow(refused);
    expect(() => createCombinedFeed([])).toThrow(refused);
    expect(() => createCombinedFeed([a, replay])).toThrow(refused);
    expect(createCombinedFeed([replay]).now?.()).toBe(5);
  });
});
