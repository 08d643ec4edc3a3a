import { describe, expect, it } from '@jest/globals';
import { createMemoryHistory, type Message } from '@tickwire/channel-layer';
import { createManualClock } from '@tickwire/protocol/testing';
import {
  createPublisherRig,
  type Heard,
  ids,
  loseEnd,
  type PublisherRig,
  publishTrades,
  retried,
  seqs,
  standbyMs,
  trade,
  upTo,
} from '../testing/publisher-rig.js';
import type { Publisher } from './publisher.js';

/** Calls back once the rig has read the newest messages for the first time, before it goes on. */
const afterFirstRead = (rig: PublisherRig, act: () => Promise<void>): void => {
  const { store } = rig;
  rig.store = {
    ...store,
    async newest(groups, count) {
      const ranges = await store.newest(groups, count);
      rig.store = store;
      await act();
      return ranges;
    },
  };
};

describe('a publisher that takes over', () => {
  it('[P30] a standby that knows of no leader keeps everything that fits; what it drops is reported', async () => {
    const clock = createManualClock();
    const old = createPublisherRig();
    const next = createPublisherRig({ maxBuffered: 30, beside: old, clock });
    old.publisher.lead(1);
    await publishTrades(old, [1]);
    // History is unreachable for ten times as long as a standby looks back.
    for (const id of upTo(20)) {
      clock.advance(standbyMs / 2);
      next.publisher.publish('g', trade(id));
    }
    next.publisher.lead(2);
    await next.publisher.drained();
    expect(ids(old.heard)).toEqual(upTo(20));
    next.publisher.standBy();
    for (const id of upTo(50)) next.publisher.publish('g', trade(id + 20));
    next.publisher.lead(3);
    await next.publisher.drained();
    expect(ids(old.heard).at(-1)).toBe(70);
    const epochs = old.heard.map(({ message }) => message['epoch']);
    expect(new Set(epochs.slice(0, 20)).size).toBe(1);
    expect(epochs.at(-1)).not.toBe(epochs[0]);
  });

  it('[P30] a standby whose leader is known to publish looks back `standbyMs` and no further', async () => {
    const clock = createManualClock();
    const { publisher } = createPublisherRig({ clock });
    for (const id of upTo(100)) {
      clock.advance(standbyMs / 10);
      publisher.leaderIsThere();
      publisher.publish('g', trade(id));
    }
    expect(publisher.buffered).toBeGreaterThanOrEqual(10);
    expect(publisher.buffered).toBeLessThan(30);
  });

  it('[P31] trades that a slower feed delivers after the takeover are not published again', async () => {
    const old = createPublisherRig();
    const next = createPublisherRig({ beside: old });
    old.publisher.lead(1);
    for (const id of upTo(10)) old.publisher.publish('g', trade(id, Math.ceil(id / 3)));
    old.publisher.publish('other', trade(1));
    await old.publisher.drained();
    for (const id of upTo(5)) next.publisher.publish('g', trade(id, Math.ceil(id / 3)));
    next.publisher.lead(2);
    await next.publisher.drained();
    for (let id = 6; id <= 14; id += 1) {
      next.publisher.publish('g', trade(id, Math.ceil(id / 3)));
      await next.publisher.drained();
    }
    for (const id of [1, 2]) next.publisher.publish('other', trade(id));
    await next.publisher.drained();
    const of = (name: string): Heard[] => old.heard.filter(({ group }) => group === name);
    expect(ids(of('g'))).toEqual(upTo(14));
    expect(seqs(of('g'))).toEqual(upTo(14));
    expect(ids(of('other'))).toEqual([1, 2]);
  });

  it('[P30] messages that a standby dropped, and Redis lost when it went back in time, are reported', async () => {
    const clock = createManualClock();
    const old = createPublisherRig({ clock });
    old.publisher.lead(1);
    const next = createPublisherRig({ beside: old, clock });
    for (const id of upTo(10)) {
      for (const { publisher } of [old, next]) publisher.publish('g', trade(id));
      await old.publisher.drained();
      next.publisher.leaderIsThere();
      clock.advance(standbyMs / 3);
    }
    const { epoch } = await loseEnd(next, 4);
    next.publisher.lead(2);
    await next.publisher.drained();
    expect(ids(old.heard).at(-1)).toBe(10);
    expect(ids(old.heard)[0]).toBeGreaterThan(5);
    expect(old.heard[0]?.message['epoch']).not.toBe(epoch);
  });

  it('[P6] if history no longer shows how far the old leader came, waiting messages begin a new epoch', async () => {
    const clock = createManualClock();
    const heard: Heard[] = [];
    const store = createMemoryHistory({
      publish: (group, message) => void heard.push({ group, message }),
      historyTtlMs: 1_000,
      now: clock.monotonic,
    });
    const old = createPublisherRig({ clock });
    old.store = store;
    const next = createPublisherRig({ beside: { store, heard }, clock });
    old.publisher.lead(1);
    for (const { publisher } of [old, next]) publisher.publish('g', trade(1));
    await old.publisher.drained();
    clock.advance(2_000);
    next.publisher.lead(2);
    await next.publisher.drained();
    // Nobody else has published the first message after the takeover.
    await publishTrades(next, [2]);
    expect(ids(heard)).toEqual([1, 1, 2]);
    expect(seqs(heard)).toEqual([1, 1, 2]);
  });

  it('[P6] a new leader continues after the old one: no trade twice, none missing, in the same epoch', async () => {
    const old = createPublisherRig();
    const next = createPublisherRig({ beside: old });
    old.publisher.lead(1);
    for (const id of upTo(20)) {
      next.publisher.publish('g', trade(id));
      if (id <= 12) old.publisher.publish('g', trade(id));
    }
    await old.publisher.drained();
    next.publisher.lead(2);
    await publishTrades(next, [21]);
    expect(ids(old.heard)).toEqual(upTo(21));
    expect(seqs(old.heard)).toEqual(upTo(21));
    expect(new Set(old.heard.map(({ message }) => message['epoch'])).size).toBe(1);
  });

  it('[P7] a leader that was replaced is fenced: it publishes nothing more, and reports it', async () => {
    const old = createPublisherRig();
    const next = createPublisherRig({ beside: old });
    old.publisher.lead(1);
    await publishTrades(old, [1]);
    next.publisher.lead(2);
    await publishTrades(next, [2]);
    await publishTrades(old, [3]);
    expect(ids(old.heard)).toEqual([1, 2]);
    expect(old.fenced).toHaveLength(1);
  });

  it('[P8] a leader elected again with a newer fence during a failure neither loses nor doubles a message', async () => {
    const rig = createPublisherRig();
    rig.publisher.lead(1);
    rig.failure = 'after';
    for (const id of upTo(5)) rig.publisher.publish('g', trade(id));
    await retried(rig);
    rig.publisher.lead(2);
    rig.publisher.publish('g', trade(6));
    rig.failure = 'none';
    await rig.publisher.drained();
    expect(ids(rig.heard)).toEqual(upTo(6));
    expect(seqs(rig.heard)).toEqual(upTo(6));
  });

  it('[P8] if nobody else wrote meanwhile, trades of the same millisecond as the newest do not count as old', async () => {
    const rig = createPublisherRig();
    rig.publisher.lead(1);
    for (const id of [1, 2]) rig.publisher.publish('g', trade(id, 5));
    await rig.publisher.drained();
    rig.publisher.standBy();
    for (const id of [3, 4]) rig.publisher.publish('g', trade(id, 5));
    rig.publisher.lead(2);
    rig.publisher.publish('g', trade(5, 6));
    await rig.publisher.drained();
    expect(ids(rig.heard)).toEqual(upTo(5));
    expect(seqs(rig.heard)).toEqual(upTo(5));
  });

  it('[P7] messages appended in one batch with a group that another took over are not published again in a later term', async () => {
    const old = createPublisherRig();
    const next = createPublisherRig({ beside: old });
    old.publisher.lead(1);
    for (const group of ['before', 'mine', 'taken']) old.publisher.publish(group, trade(1));
    await old.publisher.drained();
    next.publisher.publish('taken', trade(2));
    next.publisher.lead(2);
    await next.publisher.drained();
    // Both are in one batch, behind a message that waits.
    old.failure = 'before';
    old.publisher.publish('before', trade(2));
    for (const group of ['mine', 'taken']) old.publisher.publish(group, trade(2));
    await retried(old);
    old.failure = 'none';
    while (old.fenced.length === 0) await new Promise((resolve) => setImmediate(resolve));
    old.publisher.lead(3);
    await old.publisher.drained();
    for (const name of ['before', 'mine', 'taken']) {
      expect([name, ids(old.heard.filter(({ group }) => group === name))]).toEqual([name, [1, 2]]);
    }
  });

  it('[P12] a message that a late old leader publishes between the read and the first append is not lost', async () => {
    const old = createPublisherRig();
    const next = createPublisherRig({ beside: old });
    old.publisher.lead(1);
    await publishTrades(old, [1]);
    // The new leader has read that 1 is the newest; now the old one wakes up for a moment.
    afterFirstRead(next, () => publishTrades(old, [2]));
    for (const id of [1, 2, 3]) next.publisher.publish('g', trade(id));
    next.publisher.lead(2);
    await next.publisher.drained();
    expect(ids(old.heard)).toEqual([1, 2, 3]);
    expect(seqs(old.heard)).toEqual([1, 2, 3]);
  });

  it('[P12] a first message of a group that a late old leader publishes is not published again', async () => {
    const old = createPublisherRig();
    const next = createPublisherRig({ beside: old });
    old.publisher.lead(1);
    // The new leader has read that there is nothing; now the old one gets its first message out.
    afterFirstRead(next, () => publishTrades(old, [1]));
    for (const id of [1, 2]) next.publisher.publish('g', trade(id));
    next.publisher.lead(2);
    await next.publisher.drained();
    expect(ids(old.heard)).toEqual([1, 2]);
    expect(seqs(old.heard)).toEqual([1, 2]);
  });

  it.each([
    ['that saw it lead', (next: Publisher) => next.leaderIsThere()],
    ['that joined its market', (next: Publisher) => next.standBy()],
  ])(
    '[P12] a first message of a late old leader is not published again by a producer %s and had nothing to publish',
    async (_, learn) => {
      const old = createPublisherRig();
      const next = createPublisherRig({ beside: old });
      old.publisher.lead(1);
      learn(next.publisher);
      next.publisher.lead(2);
      await next.publisher.drained();
      for (const { publisher } of [old, next]) {
        publisher.publish('g', trade(1));
        await publisher.drained();
      }
      expect(ids(old.heard)).toEqual([1]);
    },
  );

  it.each([
    [0, 2],
    [standbyMs + 1, 1],
  ])(
    '[P140] of messages that are gone it is not known who published them, %d ms after the election: %d epochs',
    async (laterMs, count) => {
      const clock = createManualClock();
      const old = createPublisherRig();
      const next = createPublisherRig({ beside: old, clock });
      next.publisher.leaderIsThere();
      next.publisher.lead(2);
      await next.publisher.drained();
      // One that lost its lease in Redis, and has not noticed.
      old.publisher.lead(1);
      await publishTrades(old, [1]);
      const { store } = next;
      const forgetful = async (...given: Parameters<typeof store.newest>) =>
        (await store.newest(...given)).map((range) => ({ ...range, messages: [] }));
      next.store = { ...store, newest: forgetful };
      clock.advance(laterMs);
      await publishTrades(next, laterMs === 0 ? [1, 2] : [2]);
      expect(new Set(old.heard.map(({ message }) => message['epoch'])).size).toBe(count);
    },
  );

  it('[P9] a new leader publishes only bars and tickers that are newer than the newest published', async () => {
    const old = createPublisherRig();
    const next = createPublisherRig({ beside: old });
    const bar = (start: number, closed: boolean): Message => ({
      type: 'price.bar',
      start,
      closed,
      rts: Date.now(),
      ts: 1,
    });
    const ticker = (ts: number): Message => ({ type: 'price.ticker', ts, rts: Date.now() });
    old.publisher.lead(1);
    for (const message of [bar(0, true), bar(1, false)]) old.publisher.publish('bar', message);
    old.publisher.publish('ticker', ticker(10));
    await old.publisher.drained();
    old.heard.length = 0;
    for (const message of [bar(0, true), bar(1, false), bar(1, true), bar(2, false)])
      next.publisher.publish('bar', message);
    for (const ts of [9, 10, 11]) next.publisher.publish('ticker', ticker(ts));
    next.publisher.lead(2);
    await next.publisher.drained();
    const of = (name: string): Message[] =>
      old.heard.filter(({ group }) => group === name).map(({ message }) => message);
    expect(of('bar').map(({ start, closed }) => [start, closed])).toEqual([
      [1, true],
      [2, false],
    ]);
    expect(of('ticker').map(({ ts }) => ts)).toEqual([11]);
  });
});
