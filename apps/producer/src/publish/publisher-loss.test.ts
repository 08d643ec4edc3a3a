import { describe, expect, it } from '@jest/globals';
import { createMemoryHistory, type Message } from '@tickwire/channel-layer';
import { createSystemClock } from '@tickwire/protocol';
import { createManualClock } from '@tickwire/protocol/testing';
import { waitFor } from '../../../../tests/support/wait-for.js';
import {
  createPublisherRig,
  emptyStore,
  type Heard,
  ids,
  loseEnd,
  type PublisherRig,
  publishTrades,
  retried,
  seqs,
  storeOf,
  trade,
  upTo,
} from '../testing/publisher-rig.js';

/** History fails: trade 2 is under way, 3 to 32 are dropped, and 33 to 52 fill the buffer. */
const overflowBehindTwo = async (): Promise<PublisherRig> => {
  const rig = createPublisherRig({ maxBuffered: 20 });
  rig.publisher.lead(1);
  await publishTrades(rig, [1]);
  rig.failure = 'before';
  rig.publisher.publish('g', trade(2));
  await retried(rig);
  for (let id = 3; id <= 52; id += 1) rig.publisher.publish('g', trade(id));
  return rig;
};

describe('a publisher whose messages or history are lost', () => {
  it('[P3] a full buffer keeps the newest, counts the dropped messages, and begins a new epoch that notifies readers', async () => {
    const rig = await overflowBehindTwo();
    expect(rig.publisher.counters().overflowed).toBe(30);
    rig.failure = 'none';
    await rig.publisher.drained();
    // 2 was on its way already; of the 50 after it the newest 20 are left.
    expect(ids(rig.heard)).toEqual([1, 2, ...Array.from({ length: 20 }, (_, index) => index + 33)]);
    const epochs = rig.heard.map(({ message }) => message['epoch']);
    expect(new Set(epochs.slice(0, 2)).size).toBe(1);
    expect(epochs[2]).not.toBe(epochs[1]);
    expect(rig.heard[2]?.message['seq']).toBe(1);
  });

  it('[P191] a full buffer is logged when it begins to lose messages, not once for each of them', async () => {
    const rig = await overflowBehindTwo();
    rig.failure = 'none';
    await rig.publisher.drained();
    expect(rig.warnings.filter((text) => text.includes('lost'))).toEqual([
      'the buffer is full: the oldest messages are lost',
    ]);
  });

  it('[P3] a loss is reported even if the leader is elected again before history is back', async () => {
    const rig = createPublisherRig({ maxBuffered: 20 });
    rig.publisher.lead(1);
    await publishTrades(rig, [1]);
    rig.failure = 'before';
    for (const id of upTo(50)) rig.publisher.publish('g', trade(id + 1));
    await retried(rig);
    expect(rig.publisher.counters().overflowed).toBeGreaterThan(0);
    rig.publisher.lead(2);
    rig.failure = 'none';
    await rig.publisher.drained();
    expect(ids(rig.heard).at(-1)).toBe(51);
    expect(rig.heard.at(-1)?.message['epoch']).not.toBe(rig.heard[0]?.message['epoch']);
  });

  it('[P3] what was under way when newer messages were dropped is not published before a hole', async () => {
    const rig = await overflowBehindTwo();
    rig.publisher.lead(2);
    rig.failure = 'none';
    await rig.publisher.drained();
    // 2 is older than those dropped: between it and the next nobody would learn of a loss.
    expect(ids(rig.heard)).toEqual([1, ...Array.from({ length: 20 }, (_, index) => index + 33)]);
    expect(rig.heard[1]?.message).toMatchObject({ seq: 1 });
    expect(rig.publisher.counters().overflowed).toBe(31);
  });

  it('[P3] a standby whose leader publishes loses nothing; what nobody published counts at the takeover', async () => {
    const rig = await overflowBehindTwo();
    const before = rig.publisher.counters().overflowed;
    rig.publisher.standBy();
    const ids = upTo(50).map((id) => id + 100);
    for (const id of ids) rig.publisher.publish('g', trade(id));
    rig.publisher.leaderIsThere();
    for (const id of ids) rig.publisher.publish('other', trade(id));
    expect(rig.publisher.counters().overflowed).toBe(before);
    rig.failure = 'none';
    rig.publisher.lead(2);
    await rig.publisher.drained();
    expect(rig.publisher.counters().overflowed).toBeLessThanOrEqual(before + 51);
    expect(rig.publisher.counters().overflowed).toBeGreaterThanOrEqual(before + 30);
  });

  it('[P3] a message taken while newer ones are dropped is not published before the hole', async () => {
    const rig = createPublisherRig({ maxBuffered: 20 });
    const { newest } = rig.store;
    let isReached = false;
    let answer = (): void => {};
    rig.publisher.lead(1);
    rig.publisher.lead(2);
    rig.store = {
      ...rig.store,
      async newest(groups, count) {
        if (groups.includes('g')) {
          isReached = true;
          await new Promise<void>((resolve) => {
            answer = resolve;
          });
        }
        return newest(groups, count);
      },
    };
    await rig.publisher.drained();
    rig.publisher.publish('g', trade(1));
    await waitFor('the question where the group is', () => isReached);
    for (let id = 2; id <= 31; id += 1) rig.publisher.publish('g', trade(id));
    rig.store = { ...rig.store, newest };
    answer();
    await rig.publisher.drained();
    expect(ids(rig.heard)).toEqual(Array.from({ length: 20 }, (_, index) => index + 12));
    expect(rig.publisher.counters().overflowed).toBe(11);
  });

  it('[P3] a reported loss is not reported again by the same leader when it is elected again', async () => {
    const rig = createPublisherRig({ maxBuffered: 20 });
    rig.publisher.lead(1);
    await publishTrades(rig, [0]);
    rig.failure = 'before';
    for (const id of upTo(50)) rig.publisher.publish('g', trade(id));
    rig.failure = 'none';
    await rig.publisher.drained();
    const epochs = (): number => new Set(rig.heard.map(({ message }) => message['epoch'])).size;
    expect(rig.publisher.counters().overflowed).toBeGreaterThan(0);
    expect(epochs()).toBe(2);
    rig.publisher.lead(2);
    await publishTrades(rig, [51]);
    expect(epochs()).toBe(2);
    expect(ids(rig.heard).at(-1)).toBe(51);
  });

  it('[P125] a leader that is elected again over an empty history logs that history was lost', async () => {
    const rig = createPublisherRig();
    rig.publisher.lead(1);
    await publishTrades(rig, [1]);
    expect(rig.warnings).toEqual([]);
    rig.store = emptyStore(rig);
    rig.publisher.lead(2);
    await publishTrades(rig, [2]);
    expect(ids(rig.heard)).toEqual([1, 2]);
    expect(seqs(rig.heard)).toEqual([1, 1]);
    expect(rig.warnings).toEqual(['history lost: beginning a new epoch']);
  });

  it('[P370] histories that are lost together make one line a minute, with their number', async () => {
    const clock = createManualClock();
    const rig = createPublisherRig({ clock });
    const groups = Array.from({ length: 60 }, (_, index) => `g${index}`);
    const publishAll = async (id: number): Promise<void> => {
      for (const group of groups) rig.publisher.publish(group, trade(id));
      await rig.publisher.drained();
    };
    rig.publisher.lead(1);
    await publishAll(1);
    rig.store = emptyStore(rig);
    rig.publisher.publish('g0', trade(2));
    await rig.publisher.drained();
    await publishAll(3);
    expect(rig.warnings).toEqual(['history lost: beginning a new epoch']);
    clock.advance(60_000);
    await publishAll(4);
    await publishAll(5);
    expect(rig.warnings).toHaveLength(2);
    expect(rig.warned.map(({ groups: count }) => count)).toEqual([1, 59]);
  });

  it('[P3] messages that another leader published are not reported as lost', async () => {
    const rig = createPublisherRig({ maxBuffered: 20 });
    const other = createPublisherRig({ beside: rig });
    rig.publisher.lead(1);
    await publishTrades(rig, [1]);
    rig.failure = 'before';
    for (const id of upTo(50)) {
      rig.publisher.publish('g', trade(id + 1));
      other.publisher.publish('g', trade(id + 1));
    }
    rig.publisher.standBy();
    other.publisher.lead(2);
    await other.publisher.drained();
    rig.failure = 'none';
    rig.publisher.lead(3);
    await publishTrades(rig, [52]);
    expect(ids(rig.heard)).toEqual(upTo(52));
    expect(seqs(rig.heard)).toEqual(upTo(52));
  });

  it('[P4] a history that lost its end receives it again, in the same epoch and byte for byte', async () => {
    let nowMs = Date.now();
    const tick = (): number => {
      nowMs += 1;
      return nowMs;
    };
    const rig = createPublisherRig({ clock: { ...createSystemClock(), wall: tick, monotonic: tick } });
    rig.publisher.lead(1);
    await publishTrades(rig, upTo(10));
    // The promoted replica had received only the first seven.
    const { epoch, lost } = await loseEnd(rig, 7);
    await publishTrades(rig, [11]);
    expect(rig.heard.slice(0, 3)).toEqual(lost);
    expect(ids(rig.heard)).toEqual([8, 9, 10, 11]);
    expect(seqs(rig.heard)).toEqual([8, 9, 10, 11]);
    expect(rig.heard.every(({ message }) => message['epoch'] === epoch)).toBe(true);
    expect(rig.publisher.counters().republished).toBe(3);
  });

  it('[P4] a history that loses its end twice in a row receives it again each time, and nothing twice', async () => {
    const rig = createPublisherRig();
    rig.publisher.lead(1);
    await publishTrades(rig, upTo(10));
    const messages = rig.heard.slice(0, 7).map(({ message }) => message);
    for (const id of [11, 12]) {
      rig.store = await storeOf(rig, messages);
      rig.heard.length = 0;
      rig.publisher.publish('g', trade(id));
      await rig.publisher.drained();
      expect(ids(rig.heard)).toEqual(upTo(id).slice(7));
      expect(seqs(rig.heard)).toEqual(upTo(id).slice(7));
    }
  });

  it.each([
    ['in the middle', [1, 2, 4], true],
    ['behind its own', [1, 2], true],
    ['behind its own, noticed in the middle of a term', [1, 2], false],
  ])(
    '[P4] [P5] a lost end of which another leader published a part, %s, begins a new epoch',
    async (_, own, isReelected) => {
      const one = createPublisherRig();
      const other = createPublisherRig({ beside: one });
      for (const id of upTo(4)) {
        const { publisher } = own.includes(id) ? one : other;
        publisher.lead(id);
        for (const rig of [one, other]) rig.publisher.publish('g', trade(id));
        await publisher.drained();
        publisher.standBy();
      }
      // Takes over the waiting messages: all of them are published.
      one.publisher.lead(5);
      await one.publisher.drained();
      expect(ids(one.heard)).toEqual(upTo(4));
      const { epoch } = await loseEnd(one, 1);
      // The next term still knows what a failed takeover found out.
      if (isReelected) one.failure = 'before';
      if (isReelected) one.publisher.lead(6);
      one.publisher.publish('g', trade(5));
      if (isReelected) await waitFor('a retry', () => one.publisher.counters().retries > 0);
      if (isReelected) one.publisher.lead(7);
      one.failure = 'none';
      await one.publisher.drained();
      expect(ids(one.heard)).toEqual([5]);
      expect(one.heard[0]?.message['epoch']).not.toBe(epoch);
    },
  );

  it('[P4] it receives its end again also from a leader that was elected again', async () => {
    const rig = createPublisherRig();
    rig.publisher.lead(1);
    await publishTrades(rig, upTo(10));
    const { lost } = await loseEnd(rig, 7);
    rig.publisher.lead(2);
    await publishTrades(rig, [11]);
    expect(rig.heard.slice(0, 3)).toEqual(lost);
    expect(ids(rig.heard)).toEqual([8, 9, 10, 11]);
    expect(seqs(rig.heard)).toEqual([8, 9, 10, 11]);
  });

  it.each(['elected anew', 'losing its end again', 'losing everything'] as const)(
    '[P4] messages given again are not published as new by a leader that is interrupted: %s',
    async (interruption) => {
      const rig = createPublisherRig();
      rig.publisher.lead(1);
      await publishTrades(rig, upTo(10));
      const messages = rig.heard.map(({ message }) => message);
      const epoch = messages[0]?.['epoch'];
      const shorter = await storeOf(rig, messages.slice(0, 7));
      const nextStore = await storeOf(rig, messages.slice(0, interruption === 'losing everything' ? 0 : 5));
      // History answers once with its position, and then not at all.
      let hasHeard = false;
      rig.store = {
        ...shorter,
        async append(batch, fence) {
          if (hasHeard) throw new Error('unreachable');
          hasHeard = true;
          return shorter.append(batch, fence);
        },
      };
      rig.heard.length = 0;
      rig.publisher.publish('g', trade(11));
      await retried(rig);
      rig.heard.length = 0;
      if (interruption === 'elected anew') {
        rig.store = shorter;
        rig.publisher.lead(2);
      } else {
        rig.store = nextStore;
      }
      await rig.publisher.drained();
      if (interruption === 'losing everything') {
        expect(ids(rig.heard)).toEqual([11]);
        expect(rig.heard[0]?.message['epoch']).not.toBe(epoch);
      } else {
        const from = interruption === 'elected anew' ? 7 : 5;
        expect(ids(rig.heard)).toEqual(upTo(11).slice(from));
        expect(seqs(rig.heard)).toEqual(upTo(11).slice(from));
      }
    },
  );

  it('[P5] a history that lost everything begins a new epoch', async () => {
    const rig = createPublisherRig();
    rig.publisher.lead(1);
    await publishTrades(rig, [1]);
    const before = rig.heard[0]?.message['epoch'];
    rig.heard.length = 0;
    rig.store = emptyStore(rig);
    await publishTrades(rig, [2]);
    expect(seqs(rig.heard)).toEqual([1]);
    expect(rig.heard[0]?.message['epoch']).not.toBe(before);
  });

  it('[P5] a history that lost more than can be given again begins a new epoch, also for a leader elected again', async () => {
    const clock = createManualClock();
    const rig = createPublisherRig({ clock });
    rig.publisher.lead(1);
    for (const id of upTo(10)) {
      rig.publisher.publish('g', trade(id));
      await rig.publisher.drained();
      clock.advance(20_000);
    }
    const { epoch } = await loseEnd(rig, 4);
    rig.publisher.lead(2);
    await publishTrades(rig, [11]);
    expect(ids(rig.heard)).toEqual([11]);
    expect(rig.heard[0]?.message['epoch']).not.toBe(epoch);
  });

  it('[P5] an epoch without a message is not continued: a Redis that came back with less may have held some', async () => {
    const rig = createPublisherRig();
    await rig.store.append([{ group: 'g', epoch: 'emptied', firstSeq: 1, messages: [] }], 1);
    for (const id of upTo(2)) rig.publisher.publish('g', trade(id));
    rig.publisher.lead(2);
    await rig.publisher.drained();
    expect(ids(rig.heard)).toEqual([1, 2]);
    expect(seqs(rig.heard)).toEqual([1, 2]);
    expect(rig.heard[0]?.message['epoch']).not.toBe('emptied');
  });

  describe('a history in an epoch that the leader does not know', () => {
    /** Publishes ten trades; Redis loses all of them and has the first messages of a late leader instead. */
    const leadBehind = async (late: readonly Message[], id = 11): Promise<Heard[]> => {
      const rig = createPublisherRig();
      rig.publisher.lead(1);
      await publishTrades(rig, upTo(10));
      rig.heard.length = 0;
      const messages = late.map((message, index) => ({ ...message, seq: index + 1, epoch: 'late' }));
      rig.store = await storeOf(rig, messages);
      rig.publisher.lead(2);
      rig.publisher.publish('g', trade(id));
      await rig.publisher.drained();
      return rig.heard;
    };

    it('[P240] is not continued if it lacks what this leader published before', async () => {
      const heard = await leadBehind([trade(8)]);
      expect(ids(heard)).toEqual([11]);
      expect(heard[0]?.message).toMatchObject({ seq: 1 });
      expect(heard[0]?.message['epoch']).not.toBe('late');
    });

    it('[P240] is not continued if it lacks what this leader saw published, and published nothing of', async () => {
      const rig = createPublisherRig();
      const seen = [{ ...trade(10), seq: 1, epoch: 'seen' }];
      await rig.store.append([{ group: 'g', epoch: 'seen', firstSeq: 1, messages: seen }], 1);
      rig.publisher.standBy();
      rig.publisher.publish('g', trade(10));
      rig.publisher.lead(2);
      await rig.publisher.drained();
      rig.store = await storeOf(rig, [{ ...trade(1), seq: 1, epoch: 'older' }]);
      rig.heard.length = 0;
      rig.publisher.lead(3);
      rig.publisher.publish('g', trade(11));
      await rig.publisher.drained();
      expect(ids(rig.heard)).toEqual([11]);
      expect(rig.heard[0]?.message['epoch']).not.toBe('older');
    });

    it('[P240] is continued if it reaches as far, whatever the trades of one millisecond', async () => {
      const heard = await leadBehind([trade(8), trade(9), trade(10)]);
      expect(heard.map(({ message }) => message)).toMatchObject([{ id: '11', seq: 4, epoch: 'late' }]);
      const inOneMs = await leadBehind([trade(10), trade(11, 10)], 12);
      expect(inOneMs.map(({ message }) => message)).toMatchObject([{ id: '12', seq: 3, epoch: 'late' }]);
    });

    it('[P240] is not continued if none of its messages is left', async () => {
      const clock = createManualClock();
      const store = createMemoryHistory({ publish: () => {}, historyTtlMs: 1_000, now: clock.monotonic });
      const rig = createPublisherRig();
      rig.publisher.lead(1);
      await publishTrades(rig, [1]);
      const messages = [{ ...trade(1), seq: 1, epoch: 'late' }];
      await store.append([{ group: 'g', epoch: 'late', firstSeq: 1, messages }], 1);
      clock.advance(2_000);
      rig.store = store;
      rig.publisher.lead(2);
      await publishTrades(rig, [2]);
      expect((await store.newest(['g'], 1))[0]?.position).toMatchObject({ seq: 1 });
      expect((await store.newest(['g'], 1))[0]?.position?.epoch).not.toBe('late');
    });
  });
});
