import { describe, expect, it } from '@jest/globals';
import { createOperatorSignature } from '@tickwire/runtime';
import type { FeedSummary } from '../pipeline/feed-states.js';
import { tellOperators } from './operator-status.js';

const token = 'an operator of some kind';
const counters = { published: 7, refused: 0, epochs: 0, republished: 0, overflowed: 0, retries: 0 };

interface Told {
  readonly type: string;
  readonly status: string;
  readonly at: number;
  readonly mac?: string;
}

const startTelling = (given: string | undefined) => {
  const told: Told[] = [];
  const producer = {
    isLeading: false,
    buffered: 3,
    overflowed: 0,
    feed: { name: 'kraken', state: 'live', live: 1, streams: 1, since: 5 } as FeedSummary,
    counters: () => ({ ...counters, overflowed: producer.overflowed }),
    feeds: () => [producer.feed],
  };
  const running = tellOperators({
    producer,
    layer: {
      groupSend(group, message) {
        expect(group).toBe('tickwire.producers');
        told.push(message as unknown as Told);
        return Promise.reject(new Error('Redis is gone'));
      },
    },
    owner: 'host:1',
    token: given,
    everyMs: 3_600_000,
    now: () => 1_000,
  });
  return { told, producer, running };
};

describe('what operators are told of a producer', () => {
  it('[P50] is signed where there is a token, and has what changed since', async () => {
    const { told, producer, running } = startTelling(token);
    producer.isLeading = true;
    producer.overflowed = 4;
    const trouble = { at: 6, symbol: 'BTC-USD', state: 'down' as const, reason: 'x'.repeat(1_000) };
    producer.feed = { ...producer.feed, state: 'down', live: 0, trouble };
    await running.close();

    const [first, last] = told.map(({ status }) => JSON.parse(status));
    expect(first).toMatchObject({ owner: 'host:1', isLeading: false, buffered: 3, published: 7 });
    expect(first.feeds).toEqual([{ name: 'kraken', state: 'live', live: 1, streams: 1, since: 5 }]);
    expect(last).toMatchObject({ isLeading: true, overflowed: 4 });
    expect(last.feeds[0].trouble.reason).toHaveLength(300);
    expect(last.events.map(({ kind, text, count }: Record<string, unknown>) => [kind, text, count])).toEqual([
      ['feed', 'kraken is live', 1],
      ['leader', 'elected', 1],
      ['loss', 'messages went out of a full buffer while Redis was out of reach', 4],
      ['feed', `kraken is down: ${'x'.repeat(300 - 'kraken is down: '.length)}`, 1],
    ]);
    const { isValid } = createOperatorSignature(token);
    for (const { status, at, mac } of told) expect(isValid(mac, ['producer', status], at, 1_000)).toBe(true);
  });

  it('[P50] goes without a signature where there is none', async () => {
    const { told, running } = startTelling(undefined);
    await running.close();
    expect(told.map((message) => 'mac' in message)).toEqual([false, false]);
  });
});
