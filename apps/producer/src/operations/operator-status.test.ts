import { describe, expect, it } from '@jest/globals';
import type { Message } from '@tickwire/channel-layer';
import { createEnvelope } from '@tickwire/fleet';
import { producerStateSchema } from '@tickwire/protocol';
import { createManualClock } from '@tickwire/protocol/testing';
import type { FeedSummary } from '../pipeline/feed-states.js';
import { reportToOperators } from './operator-status.js';

const token = 'an operator of some kind';
const counters = {
  published: 7,
  refused: 0,
  epochs: 0,
  republished: 0,
  overflowed: 0,
  retries: 0,
  passed: 0,
  unpassed: 0,
};

const startTelling = (given: string | undefined) => {
  const reported: Message[] = [];
  const clock = createManualClock();
  const producer = {
    isLeading: false,
    buffered: 3,
    overflowed: 0,
    feed: { name: 'kraken', state: 'live', live: 1, streams: 1, since: 5 } as FeedSummary,
    counters: () => ({ ...counters, overflowed: producer.overflowed }),
    feeds: () => [producer.feed],
    stalled: undefined as { sinceMs: number; reason: string } | undefined,
    aside: new Map<string, string>(),
    setAside: () => producer.aside,
    retention: { share: 1, reductions: 0 },
    feedDifference: undefined as string | undefined,
  };
  const running = reportToOperators({
    producer,
    layer: {
      groupSend(group, message) {
        expect(group).toBe('tickwire.producers');
        reported.push(message);
        return Promise.reject(new Error('Redis is gone'));
      },
    },
    owner: 'host:1',
    token: given,
    clock,
  });
  return { reported, producer, running, clock };
};

describe('the report of a producer to operators', () => {
  it('[P50] is signed if there is a token, and has the changes since', async () => {
    const { reported, producer, running, clock } = startTelling(token);
    producer.isLeading = true;
    producer.overflowed = 4;
    const trouble = { at: 6, symbol: 'BTC-USD', state: 'down' as const, reason: 'x'.repeat(1_000) };
    producer.feed = { ...producer.feed, state: 'down', live: 0, trouble };
    await running.close();

    const { open } = createEnvelope({ token, clock });
    const letters = reported.map(open);
    expect(letters.every((letter) => letter?.isSigned && letter.kind === 'report')).toBe(true);
    const [first, last] = letters.map((letter) => producerStateSchema.parse(JSON.parse(letter?.body ?? '')));
    expect(first).toMatchObject({ owner: 'host:1', isLeading: false, buffered: 3, published: 7 });
    expect(first?.feeds).toEqual([{ name: 'kraken', state: 'live', live: 1, streams: 1, since: 5 }]);
    expect(last).toMatchObject({ isLeading: true, overflowed: 4 });
    expect(last?.feeds[0]?.trouble?.reason).toHaveLength(300);
    expect(last?.events.map(({ kind, text, count }) => [kind, text, count])).toEqual([
      ['feed', 'kraken is live', 1],
      ['leader', 'elected', 1],
      ['loss', 'buffer full while Redis was out of reach: oldest messages dropped', 4],
      ['feed', `kraken is down: ${'x'.repeat(300 - 'kraken is down: '.length)}`, 1],
    ]);
  });

  it('[P121] [P122] [P123] [P181] has what stops publications, at its beginning and its end, and the difference of a feed', async () => {
    const { reported, producer, running, clock } = startTelling(token);
    producer.stalled = { sinceMs: 1, reason: 'MISCONF' };
    producer.aside = new Map([['trade.sim.BTC-USD', 'WRONGTYPE']]);
    producer.retention.reductions = 2;
    producer.feedDifference = 'the feed is not that of the leader: with sim ETH-USD';
    clock.advance(2_000);
    clock.advance(2_000);
    producer.stalled = undefined;
    producer.aside = new Map();
    await running.close();
    const { open } = createEnvelope({ token, clock });
    const last = producerStateSchema.parse(JSON.parse(reported.map(open).at(-1)?.body ?? ''));
    expect(last.events.slice(1).map(({ kind, text, count }) => [kind, text, count])).toEqual([
      ['publish', 'nothing can be published: MISCONF', 1],
      ['publish', 'trade.sim.BTC-USD is set aside: WRONGTYPE', 1],
      ['loss', 'Redis is full: history was shortened', 2],
      ['feed', 'the feed is not that of the leader: with sim ETH-USD', 1],
      ['publish', 'publishing continues', 1],
      ['publish', 'trade.sim.BTC-USD is accepted again', 1],
    ]);
  });

  it('[P50] is not signed without a token', async () => {
    const { reported, running } = startTelling(undefined);
    await running.close();
    expect(reported.map((message) => 'mac' in message)).toEqual([false, false]);
  });

  it('[P50] comes every two seconds, whatever the wall clock does, and once more at the end', async () => {
    const { reported, running, clock } = startTelling(token);
    clock.stepWall(-3_600_000);
    clock.advance(4_000);
    expect(reported).toHaveLength(3);
    await running.close();
    clock.advance(60_000);
    expect([reported.length, clock.pending]).toEqual([4, 0]);
  });
});
