import { describe, expect, it } from '@jest/globals';
import { createManualClock } from '@tickwire/protocol/testing';
import {
  createPublisherRig,
  ids,
  publishTrades,
  retried,
  seqs,
  standbyMs,
  trade,
  upTo,
} from '../testing/publisher-rig.js';

describe('publisher', () => {
  it('[P1] gives each group positions from 1 without holes, in the order published', async () => {
    const { publisher, heard } = createPublisherRig();
    publisher.lead(1);
    for (const id of upTo(100)) publisher.publish(id % 2 === 0 ? 'even' : 'odd', trade(id));
    await publisher.drained();
    for (const name of ['even', 'odd']) {
      const mine = heard.filter(({ group }) => group === name);
      expect(seqs(mine)).toEqual(upTo(50));
      expect(ids(mine)).toEqual([...ids(mine)].sort((a, b) => a - b));
      expect(new Set(mine.map(({ message }) => message['epoch'])).size).toBe(1);
    }
  });

  it.each(['before', 'after'] as const)(
    '[P2] an append that fails (%s it took effect) is repeated until it succeeds, and nothing is published twice',
    async (failure) => {
      const rig = createPublisherRig();
      rig.failure = failure;
      rig.publisher.lead(1);
      for (const id of upTo(10)) rig.publisher.publish('g', trade(id));
      await retried(rig, 2);
      rig.failure = 'none';
      await rig.publisher.drained();
      expect(ids(rig.heard)).toEqual(upTo(10));
      expect(seqs(rig.heard)).toEqual(upTo(10));
    },
  );

  it.each([3_600_000, -3_600_000])(
    '[P124] a wall clock that steps by %d ms changes labels and nothing else',
    async (stepMs) => {
      const clock = createManualClock();
      const { publisher, heard } = createPublisherRig({ clock });
      publisher.leaderIsThere();
      for (const id of upTo(20)) publisher.publish('g', trade(id));
      clock.stepWall(stepMs);
      clock.advance(standbyMs / 2);
      publisher.publish('g', trade(21));
      expect(publisher.buffered).toBe(21);
      publisher.leaderIsThere();
      clock.advance(standbyMs + 1);
      publisher.leaderIsThere();
      publisher.publish('g', trade(22));
      expect(publisher.buffered).toBe(1);
      publisher.lead(1);
      await publisher.drained();
      expect(heard.map(({ message }) => message['pts'])).toEqual([clock.wall()]);
    },
  );

  it('[P11] a message that no history accepts is given up and counted; later ones are published', async () => {
    const rig = createPublisherRig();
    rig.publisher.lead(1);
    rig.publisher.publish('no such group!', trade(1));
    rig.publisher.publish('g', { ...trade(2), price: undefined });
    await rig.publisher.drained();
    await publishTrades(rig, [3]);
    expect(ids(rig.heard).at(-1)).toBe(3);
    expect(rig.publisher.counters().refused).toBeGreaterThan(0);
  });

  it('[P192] messages that are given up make one line a minute, with the groups of the newest', async () => {
    const rig = createPublisherRig();
    rig.publisher.lead(1);
    for (const id of upTo(5)) {
      rig.publisher.publish('no such group!', trade(id));
      await rig.publisher.drained();
    }
    expect(rig.publisher.counters().refused).toBe(5);
    expect(rig.warnings.filter((text) => text.includes('given up'))).toHaveLength(1);
  });

  it('[P11] if history becomes unreachable meanwhile, nothing is published twice', async () => {
    const rig = createPublisherRig();
    const { store } = rig;
    let failures = 3;
    rig.store = {
      ...store,
      append(batch, fence) {
        const isLast = batch.length === 1 && batch[0]?.group === 'last';
        if (isLast && failures > 0) {
          failures -= 1;
          throw new Error('unreachable');
        }
        return store.append(batch, fence);
      },
    };
    rig.publisher.lead(1);
    rig.publisher.publish('alone', trade(1));
    rig.publisher.publish('first', trade(1));
    rig.publisher.publish('no such group!', trade(1));
    rig.publisher.publish('last', trade(1));
    await rig.publisher.drained();
    expect(failures).toBe(0);
    expect(rig.publisher.counters().refused).toBe(1);
    for (const name of ['first', 'last']) {
      expect([name, ids(rig.heard.filter(({ group }) => group === name))]).toEqual([name, [1]]);
    }
  });

  it('[P10] ready() holds a feed back while more than half of the buffer is used', async () => {
    const rig = createPublisherRig({ maxBuffered: 10 });
    rig.failure = 'before';
    rig.publisher.lead(1);
    rig.publisher.publish('g', trade(0));
    await retried(rig);
    for (const id of upTo(6)) rig.publisher.publish('g', trade(id));
    let isReady = false;
    const ready = rig.publisher.ready().then(() => {
      isReady = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isReady).toBe(false);
    rig.failure = 'none';
    await ready;
    expect(rig.publisher.counters().overflowed).toBe(0);
  });
});
