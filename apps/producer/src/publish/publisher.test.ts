import { describe, expect, it } from '@jest/globals';
import { createMemoryHistory, type History, type Message } from '@tickwire/channel-layer';
import { type Clock, createSystemClock } from '@tickwire/protocol';
import { createManualClock } from '@tickwire/protocol/testing';
import { createLogger } from '@tickwire/runtime';
import { waitFor } from '../../../../tests/support/wait-for.js';
import { createPublisher, type Publisher } from './publisher.js';

interface Heard {
  readonly group: string;
  readonly message: Message;
}

interface Bench {
  readonly publisher: Publisher;
  readonly heard: Heard[];
  readonly fenced: number[];
  readonly warnings: string[];
  /** While set, appends fail; `after` lets them happen first, as when only the answer is lost. */
  failure: 'none' | 'before' | 'after';
  store: History;
}

const trade = (id: number, ts = id): Message => ({
  type: 'price.trade',
  id: String(id),
  ts,
  rts: Date.now(),
  price: '1',
});

const standbyMs = 60_000;

const createBench = (
  maxBuffered = 1_000,
  shared?: { store: History; heard: Heard[] },
  clock: Clock = createSystemClock(),
): Bench => {
  const heard: Heard[] = shared?.heard ?? [];
  const newStore = (): History =>
    createMemoryHistory({ publish: (group, message) => void heard.push({ group, message }) });
  const fenced: number[] = [];
  let epochs = 0;
  const warnings: string[] = [];
  const bench = { heard, fenced, warnings, failure: 'none', store: shared?.store ?? newStore() } as Bench & {
    publisher: Publisher;
  };
  const publisher = createPublisher({
    history: {
      newest: (groups, count) => bench.store.newest(groups, count),
      async append(batch, fence) {
        if (bench.failure === 'before') throw new Error('out of reach');
        const results = await bench.store.append(batch, fence);
        if (bench.failure === 'after') throw new Error('the answer was lost');
        return results;
      },
    },
    logger: Object.assign(createLogger('test', 'silent'), {
      warn: (_: unknown, text: string) => void warnings.push(text),
    }),
    send: async (group, message) => {
      if (bench.failure !== 'none') throw new Error('out of reach');
      heard.push({ group, message });
    },
    maxBuffered,
    standbyMs,
    onFenced: () => fenced.push(1),
    clock,
    newEpoch: () => {
      epochs += 1;
      return `epoch-${epochs}-${shared === undefined ? 'a' : 'b'}`;
    },
  });
  return Object.assign(bench, { publisher });
};

const ids = (heard: readonly Heard[]): number[] => heard.map(({ message }) => Number(message['id']));
const seqs = (heard: readonly Heard[]): number[] => heard.map(({ message }) => Number(message['seq']));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('publisher', () => {
  it('[P1] gives each group positions from 1 without holes, in the order published', async () => {
    const { publisher, heard } = createBench();
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
      const bench = createBench();
      bench.failure = failure;
      bench.publisher.lead(1);
      for (const id of upTo(10)) bench.publisher.publish('g', trade(id));
      while (bench.publisher.counters().retries < 2) await new Promise((resolve) => setImmediate(resolve));
      bench.failure = 'none';
      await bench.publisher.drained();
      expect(ids(bench.heard)).toEqual(upTo(10));
      expect(seqs(bench.heard)).toEqual(upTo(10));
    },
  );

  it('[P3] a full buffer keeps the newest, counts what went, and begins a new epoch so that readers are told', async () => {
    const bench = createBench(20);
    bench.publisher.lead(1);
    bench.publisher.publish('g', trade(1));
    await bench.publisher.drained();
    bench.failure = 'before';
    bench.publisher.publish('g', trade(2));
    while (bench.publisher.counters().retries < 1) await new Promise((resolve) => setImmediate(resolve));
    for (let id = 3; id <= 52; id += 1) bench.publisher.publish('g', trade(id));
    expect(bench.publisher.counters().overflowed).toBe(30);
    bench.failure = 'none';
    await bench.publisher.drained();
    // 2 was on its way already; of the 50 behind it the newest 20 are left.
    expect(ids(bench.heard)).toEqual([1, 2, ...Array.from({ length: 20 }, (_, index) => index + 33)]);
    const epochs = bench.heard.map(({ message }) => message['epoch']);
    expect(new Set(epochs.slice(0, 2)).size).toBe(1);
    expect(epochs[2]).not.toBe(epochs[1]);
    expect(bench.heard[2]?.message['seq']).toBe(1);
  });

  it('[P3] a loss is told though this leader is elected anew before history is back', async () => {
    const bench = createBench(20);
    bench.publisher.lead(1);
    bench.publisher.publish('g', trade(1));
    await bench.publisher.drained();
    bench.failure = 'before';
    for (const id of upTo(50)) bench.publisher.publish('g', trade(id + 1));
    while (bench.publisher.counters().retries < 1) await new Promise((resolve) => setImmediate(resolve));
    expect(bench.publisher.counters().overflowed).toBeGreaterThan(0);
    bench.publisher.lead(2);
    bench.failure = 'none';
    await bench.publisher.drained();
    expect(ids(bench.heard).at(-1)).toBe(51);
    expect(bench.heard.at(-1)?.message['epoch']).not.toBe(bench.heard[0]?.message['epoch']);
  });

  it('[P3] a loss that was told is not told again by the same leader elected anew', async () => {
    const bench = createBench(20);
    bench.publisher.lead(1);
    bench.publisher.publish('g', trade(0));
    await bench.publisher.drained();
    bench.failure = 'before';
    for (const id of upTo(50)) bench.publisher.publish('g', trade(id));
    bench.failure = 'none';
    await bench.publisher.drained();
    const epochs = (): number => new Set(bench.heard.map(({ message }) => message['epoch'])).size;
    expect(bench.publisher.counters().overflowed).toBeGreaterThan(0);
    expect(epochs()).toBe(2);
    bench.publisher.lead(2);
    bench.publisher.publish('g', trade(51));
    await bench.publisher.drained();
    expect(epochs()).toBe(2);
    expect(ids(bench.heard).at(-1)).toBe(51);
  });

  it('[P125] a leader that is elected anew over an empty history logs that history was lost', async () => {
    const bench = createBench();
    bench.publisher.lead(1);
    bench.publisher.publish('g', trade(1));
    await bench.publisher.drained();
    expect(bench.warnings).toEqual([]);
    bench.store = createMemoryHistory({ publish: (group, message) => void bench.heard.push({ group, message }) });
    bench.publisher.lead(2);
    bench.publisher.publish('g', trade(2));
    await bench.publisher.drained();
    expect(ids(bench.heard)).toEqual([1, 2]);
    expect(seqs(bench.heard)).toEqual([1, 1]);
    expect(bench.warnings).toEqual(['history lost: beginning a new epoch']);
  });

  it('[P3] a loss that another leader made good is none', async () => {
    const bench = createBench(20);
    const other = createBench(1_000, { store: bench.store, heard: bench.heard });
    bench.publisher.lead(1);
    bench.publisher.publish('g', trade(1));
    await bench.publisher.drained();
    bench.failure = 'before';
    for (const id of upTo(50)) {
      bench.publisher.publish('g', trade(id + 1));
      other.publisher.publish('g', trade(id + 1));
    }
    bench.publisher.standBy();
    other.publisher.lead(2);
    await other.publisher.drained();
    bench.failure = 'none';
    bench.publisher.lead(3);
    bench.publisher.publish('g', trade(52));
    await bench.publisher.drained();
    expect(ids(bench.heard)).toEqual(upTo(52));
    expect(seqs(bench.heard)).toEqual(upTo(52));
  });

  it('[P30] a standby that knows of no leader keeps all it can; what it drops all the same is told', async () => {
    const clock = createManualClock();
    const old = createBench();
    const next = createBench(30, { store: old.store, heard: old.heard }, clock);
    old.publisher.lead(1);
    old.publisher.publish('g', trade(1));
    await old.publisher.drained();
    // History is out of reach for ten times as long as a standby looks back.
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

  it('[P30] a standby whose leader is known to be there looks back so far and no further', async () => {
    const clock = createManualClock();
    const { publisher } = createBench(1_000, undefined, clock);
    for (const id of upTo(100)) {
      clock.advance(standbyMs / 10);
      publisher.leaderIsThere();
      publisher.publish('g', trade(id));
    }
    expect(publisher.buffered).toBeGreaterThanOrEqual(10);
    expect(publisher.buffered).toBeLessThan(30);
  });

  it.each([3_600_000, -3_600_000])(
    '[P124] a wall clock that steps by %d ms labels, and moves nothing else',
    async (stepMs) => {
      const clock = createManualClock();
      const { publisher, heard } = createBench(1_000, undefined, clock);
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

  it('[P31] what a slower feed brings after the takeover is not published again', async () => {
    const old = createBench();
    const next = createBench(1_000, { store: old.store, heard: old.heard });
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

  it('[P4] a history that lost its end gets it again, in the same epoch and byte for byte', async () => {
    let nowMs = Date.now();
    const tick = (): number => {
      nowMs += 1;
      return nowMs;
    };
    const bench = createBench(1_000, undefined, { ...createSystemClock(), wall: tick, monotonic: tick });
    bench.publisher.lead(1);
    for (const id of upTo(10)) bench.publisher.publish('g', trade(id));
    await bench.publisher.drained();
    // The replica that was promoted had got the first seven only.
    const replica = createMemoryHistory({ publish: (group, message) => void bench.heard.push({ group, message }) });
    const epoch = String(bench.heard[0]?.message['epoch']);
    const messages = bench.heard.slice(0, 7).map(({ message }) => message);
    await replica.append([{ group: 'g', epoch, firstSeq: 1, messages }], 1);
    const lost = bench.heard.splice(0).slice(7, 10);
    bench.store = replica;
    bench.publisher.publish('g', trade(11));
    await bench.publisher.drained();
    expect(bench.heard.slice(0, 3)).toEqual(lost);
    expect(ids(bench.heard)).toEqual([8, 9, 10, 11]);
    expect(seqs(bench.heard)).toEqual([8, 9, 10, 11]);
    expect(bench.heard.every(({ message }) => message['epoch'] === epoch)).toBe(true);
    expect(bench.publisher.counters().republished).toBe(3);
  });

  it('[P4] a history that loses its end twice in a row gets it again each time, nothing doubled', async () => {
    const bench = createBench();
    bench.publisher.lead(1);
    for (const id of upTo(10)) bench.publisher.publish('g', trade(id));
    await bench.publisher.drained();
    const messages = bench.heard.slice(0, 7).map(({ message }) => message);
    for (const id of [11, 12]) {
      bench.store = createMemoryHistory({ publish: (group, message) => void bench.heard.push({ group, message }) });
      await bench.store.append([{ group: 'g', epoch: String(messages[0]?.['epoch']), firstSeq: 1, messages }], 1);
      bench.heard.length = 0;
      bench.publisher.publish('g', trade(id));
      await bench.publisher.drained();
      expect(ids(bench.heard)).toEqual(upTo(id).slice(7));
      expect(seqs(bench.heard)).toEqual(upTo(id).slice(7));
    }
  });

  it.each([
    ['in the middle', [1, 2, 4], true],
    ['behind its own', [1, 2], true],
    ['behind its own, noticed in the middle of a term', [1, 2], false],
  ])(
    '[P4] [P5] an end that another leader published a part of, %s, begins a new epoch',
    async (_, own, isReelected) => {
      const one = createBench();
      const other = createBench(1_000, { store: one.store, heard: one.heard });
      for (const id of upTo(4)) {
        const { publisher } = own.includes(id) ? one : other;
        publisher.lead(id);
        for (const bench of [one, other]) bench.publisher.publish('g', trade(id));
        await publisher.drained();
        publisher.standBy();
      }
      // Takes over what waited: all of it is published.
      one.publisher.lead(5);
      await one.publisher.drained();
      expect(ids(one.heard)).toEqual(upTo(4));
      const first = one.heard[0]?.message as Message;
      const epoch = String(first['epoch']);
      one.store = createMemoryHistory({ publish: (group, message) => void one.heard.push({ group, message }) });
      await one.store.append([{ group: 'g', epoch, firstSeq: 1, messages: [first] }], 1);
      one.heard.length = 0;
      // What a takeover learns that fails halfway, the next term still knows.
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

  it('[P4] it gets its end again also from a leader that had to be elected anew', async () => {
    const bench = createBench();
    bench.publisher.lead(1);
    for (const id of upTo(10)) bench.publisher.publish('g', trade(id));
    await bench.publisher.drained();
    const replica = createMemoryHistory({ publish: (group, message) => void bench.heard.push({ group, message }) });
    const messages = bench.heard.slice(0, 7).map(({ message }) => message);
    await replica.append([{ group: 'g', epoch: String(messages[0]?.['epoch']), firstSeq: 1, messages }], 1);
    const lost = bench.heard.splice(0).slice(7, 10);
    bench.store = replica;
    bench.publisher.lead(2);
    bench.publisher.publish('g', trade(11));
    await bench.publisher.drained();
    expect(bench.heard.slice(0, 3)).toEqual(lost);
    expect(ids(bench.heard)).toEqual([8, 9, 10, 11]);
    expect(seqs(bench.heard)).toEqual([8, 9, 10, 11]);
  });

  it.each(['elected anew', 'losing its end again', 'losing everything'] as const)(
    '[P4] what is given again is not published anew by a leader that is interrupted there: %s',
    async (interruption) => {
      const bench = createBench();
      bench.publisher.lead(1);
      for (const id of upTo(10)) bench.publisher.publish('g', trade(id));
      await bench.publisher.drained();
      const messages = bench.heard.slice(0, 7).map(({ message }) => message);
      const epoch = String(messages[0]?.['epoch']);
      const replica = async (count: number): Promise<History> => {
        const store = createMemoryHistory({ publish: (group, message) => void bench.heard.push({ group, message }) });
        if (count > 0) await store.append([{ group: 'g', epoch, firstSeq: 1, messages: messages.slice(0, count) }], 1);
        return store;
      };
      const shorter = await replica(7);
      const nextStore = await replica(interruption === 'losing everything' ? 0 : 5);
      // It hears where the history stands, and then nothing any more.
      let hasHeard = false;
      bench.store = {
        ...shorter,
        async append(batch, fence) {
          if (hasHeard) throw new Error('out of reach');
          hasHeard = true;
          return shorter.append(batch, fence);
        },
      };
      bench.heard.length = 0;
      bench.publisher.publish('g', trade(11));
      while (bench.publisher.counters().retries < 1) await new Promise((resolve) => setImmediate(resolve));
      bench.heard.length = 0;
      if (interruption === 'elected anew') {
        bench.store = shorter;
        bench.publisher.lead(2);
      } else {
        bench.store = nextStore;
      }
      await bench.publisher.drained();
      if (interruption === 'losing everything') {
        expect(ids(bench.heard)).toEqual([11]);
        expect(bench.heard[0]?.message['epoch']).not.toBe(epoch);
      } else {
        const from = interruption === 'elected anew' ? 7 : 5;
        expect(ids(bench.heard)).toEqual(upTo(11).slice(from));
        expect(seqs(bench.heard)).toEqual(upTo(11).slice(from));
      }
    },
  );

  it('[P5] a history that lost everything begins a new epoch', async () => {
    const bench = createBench();
    bench.publisher.lead(1);
    bench.publisher.publish('g', trade(1));
    await bench.publisher.drained();
    const before = bench.heard[0]?.message['epoch'];
    bench.heard.length = 0;
    bench.store = createMemoryHistory({ publish: (group, message) => void bench.heard.push({ group, message }) });
    bench.publisher.publish('g', trade(2));
    await bench.publisher.drained();
    expect(seqs(bench.heard)).toEqual([1]);
    expect(bench.heard[0]?.message['epoch']).not.toBe(before);
  });

  it('[P5] a history from before what can be given again begins a new epoch, also for a leader elected anew', async () => {
    const clock = createManualClock();
    const bench = createBench(1_000, undefined, clock);
    bench.publisher.lead(1);
    for (const id of upTo(10)) {
      bench.publisher.publish('g', trade(id));
      await bench.publisher.drained();
      clock.advance(20_000);
    }
    const epoch = String(bench.heard[0]?.message['epoch']);
    const messages = bench.heard
      .splice(0)
      .slice(0, 4)
      .map(({ message }) => message);
    bench.store = createMemoryHistory({ publish: (group, message) => void bench.heard.push({ group, message }) });
    await bench.store.append([{ group: 'g', epoch, firstSeq: 1, messages }], 1);
    bench.heard.length = 0;
    bench.publisher.lead(2);
    bench.publisher.publish('g', trade(11));
    await bench.publisher.drained();
    expect(ids(bench.heard)).toEqual([11]);
    expect(bench.heard[0]?.message['epoch']).not.toBe(epoch);
  });

  it('[P5] an epoch without a message is not gone on with: a Redis that returned with less may have held some', async () => {
    const bench = createBench();
    await bench.store.append([{ group: 'g', epoch: 'emptied', firstSeq: 1, messages: [] }], 1);
    for (const id of upTo(2)) bench.publisher.publish('g', trade(id));
    bench.publisher.lead(2);
    await bench.publisher.drained();
    expect(ids(bench.heard)).toEqual([1, 2]);
    expect(seqs(bench.heard)).toEqual([1, 2]);
    expect(bench.heard[0]?.message['epoch']).not.toBe('emptied');
  });

  describe('a history in which an epoch it does not know stands', () => {
    /** Publishes ten trades, loses Redis, and finds there what a late leader began with. */
    const leadBehind = async (late: readonly Message[], id = 11): Promise<Heard[]> => {
      const bench = createBench();
      bench.publisher.lead(1);
      for (const id of upTo(10)) bench.publisher.publish('g', trade(id));
      await bench.publisher.drained();
      bench.heard.length = 0;
      bench.store = createMemoryHistory({ publish: (group, message) => void bench.heard.push({ group, message }) });
      const messages = late.map((message, index) => ({ ...message, seq: index + 1, epoch: 'late' }));
      await bench.store.append([{ group: 'g', epoch: 'late', firstSeq: 1, messages }], 1);
      bench.heard.length = 0;
      bench.publisher.lead(2);
      bench.publisher.publish('g', trade(id));
      await bench.publisher.drained();
      return bench.heard;
    };

    it('[P240] is not gone on with where it lacks what this leader published before', async () => {
      const heard = await leadBehind([trade(8)]);
      expect(ids(heard)).toEqual([11]);
      expect(heard[0]?.message).toMatchObject({ seq: 1 });
      expect(heard[0]?.message['epoch']).not.toBe('late');
    });

    it('[P240] is gone on with where it reaches as far, whatever the trades of one millisecond', async () => {
      const heard = await leadBehind([trade(8), trade(9), trade(10)]);
      expect(heard.map(({ message }) => message)).toMatchObject([{ id: '11', seq: 4, epoch: 'late' }]);
      const inOneMs = await leadBehind([trade(10), trade(11, 10)], 12);
      expect(inOneMs.map(({ message }) => message)).toMatchObject([{ id: '12', seq: 3, epoch: 'late' }]);
    });

    it('[P240] is not gone on with where none of its messages is left', async () => {
      const clock = createManualClock();
      const store = createMemoryHistory({ publish: () => {}, historyTtlMs: 1_000, now: clock.monotonic });
      const bench = createBench();
      bench.publisher.lead(1);
      bench.publisher.publish('g', trade(1));
      await bench.publisher.drained();
      const messages = [{ ...trade(1), seq: 1, epoch: 'late' }];
      await store.append([{ group: 'g', epoch: 'late', firstSeq: 1, messages }], 1);
      clock.advance(2_000);
      bench.store = store;
      bench.publisher.lead(2);
      bench.publisher.publish('g', trade(2));
      await bench.publisher.drained();
      expect((await store.newest(['g'], 1))[0]?.position).toMatchObject({ seq: 1 });
      expect((await store.newest(['g'], 1))[0]?.position?.epoch).not.toBe('late');
    });
  });

  it('[P30] what a standby dropped, and a Redis that returned from before it forgot, is told', async () => {
    const clock = createManualClock();
    const old = createBench(1_000, undefined, clock);
    old.publisher.lead(1);
    const next = createBench(1_000, { store: old.store, heard: old.heard }, clock);
    for (const id of upTo(10)) {
      for (const { publisher } of [old, next]) publisher.publish('g', trade(id));
      await old.publisher.drained();
      next.publisher.leaderIsThere();
      clock.advance(standbyMs / 3);
    }
    const epoch = String(old.heard[0]?.message['epoch']);
    const messages = old.heard
      .splice(0)
      .slice(0, 4)
      .map(({ message }) => message);
    next.store = createMemoryHistory({ publish: (group, message) => void old.heard.push({ group, message }) });
    await next.store.append([{ group: 'g', epoch, firstSeq: 1, messages }], 1);
    old.heard.length = 0;
    next.publisher.lead(2);
    await next.publisher.drained();
    expect(ids(old.heard).at(-1)).toBe(10);
    expect(ids(old.heard)[0]).toBeGreaterThan(5);
    expect(old.heard[0]?.message['epoch']).not.toBe(epoch);
  });

  it('[P6] where history no longer says how far the old leader came, what waits begins a new epoch', async () => {
    const clock = createManualClock();
    const heard: Heard[] = [];
    const store = createMemoryHistory({
      publish: (group, message) => void heard.push({ group, message }),
      historyTtlMs: 1_000,
      now: clock.monotonic,
    });
    const old = createBench(1_000, undefined, clock);
    old.store = store;
    const next = createBench(1_000, { store, heard }, clock);
    old.publisher.lead(1);
    for (const { publisher } of [old, next]) publisher.publish('g', trade(1));
    await old.publisher.drained();
    clock.advance(2_000);
    next.publisher.lead(2);
    await next.publisher.drained();
    // What comes first after the takeover nobody else has published.
    next.publisher.publish('g', trade(2));
    await next.publisher.drained();
    expect(ids(heard)).toEqual([1, 1, 2]);
    expect(seqs(heard)).toEqual([1, 1, 2]);
  });

  it('[P6] a new leader goes on behind the old one: no trade twice, none missing, in the same epoch', async () => {
    const old = createBench();
    const next = createBench(1_000, { store: old.store, heard: old.heard });
    old.publisher.lead(1);
    for (const id of upTo(20)) {
      next.publisher.publish('g', trade(id));
      if (id <= 12) old.publisher.publish('g', trade(id));
    }
    await old.publisher.drained();
    next.publisher.lead(2);
    next.publisher.publish('g', trade(21));
    await next.publisher.drained();
    expect(ids(old.heard)).toEqual(upTo(21));
    expect(seqs(old.heard)).toEqual(upTo(21));
    expect(new Set(old.heard.map(({ message }) => message['epoch'])).size).toBe(1);
  });

  it('[P7] a leader that was overtaken is fenced: it publishes nothing more, and tells', async () => {
    const old = createBench();
    const next = createBench(1_000, { store: old.store, heard: old.heard });
    old.publisher.lead(1);
    old.publisher.publish('g', trade(1));
    await old.publisher.drained();
    next.publisher.lead(2);
    next.publisher.publish('g', trade(2));
    await next.publisher.drained();
    old.publisher.publish('g', trade(3));
    await old.publisher.drained();
    expect(ids(old.heard)).toEqual([1, 2]);
    expect(old.fenced).toHaveLength(1);
  });

  it('[P8] a leader elected again with a newer fence in the middle of a failure loses and doubles nothing', async () => {
    const bench = createBench();
    bench.publisher.lead(1);
    bench.failure = 'after';
    for (const id of upTo(5)) bench.publisher.publish('g', trade(id));
    while (bench.publisher.counters().retries < 1) await new Promise((resolve) => setImmediate(resolve));
    bench.publisher.lead(2);
    bench.publisher.publish('g', trade(6));
    bench.failure = 'none';
    await bench.publisher.drained();
    expect(ids(bench.heard)).toEqual(upTo(6));
    expect(seqs(bench.heard)).toEqual(upTo(6));
  });

  it('[P8] where nobody else wrote meanwhile, what is of the same millisecond as the newest is not taken for old', async () => {
    const bench = createBench();
    bench.publisher.lead(1);
    for (const id of [1, 2]) bench.publisher.publish('g', trade(id, 5));
    await bench.publisher.drained();
    bench.publisher.standBy();
    for (const id of [3, 4]) bench.publisher.publish('g', trade(id, 5));
    bench.publisher.lead(2);
    bench.publisher.publish('g', trade(5, 6));
    await bench.publisher.drained();
    expect(ids(bench.heard)).toEqual(upTo(5));
    expect(seqs(bench.heard)).toEqual(upTo(5));
  });

  it('[P7] what was appended beside a group that another took over is not published again when this leads once more', async () => {
    const old = createBench();
    const next = createBench(1_000, { store: old.store, heard: old.heard });
    old.publisher.lead(1);
    for (const group of ['before', 'mine', 'taken']) old.publisher.publish(group, trade(1));
    await old.publisher.drained();
    next.publisher.publish('taken', trade(2));
    next.publisher.lead(2);
    await next.publisher.drained();
    // Both in one batch, behind one that waits.
    old.failure = 'before';
    old.publisher.publish('before', trade(2));
    for (const group of ['mine', 'taken']) old.publisher.publish(group, trade(2));
    while (old.publisher.counters().retries < 1) await new Promise((resolve) => setImmediate(resolve));
    old.failure = 'none';
    while (old.fenced.length === 0) await new Promise((resolve) => setImmediate(resolve));
    old.publisher.lead(3);
    await old.publisher.drained();
    for (const name of ['before', 'mine', 'taken']) {
      expect([name, ids(old.heard.filter(({ group }) => group === name))]).toEqual([name, [1, 2]]);
    }
  });

  it('[P11] a message that no history takes is given up and told of; those behind it go out', async () => {
    const bench = createBench();
    bench.publisher.lead(1);
    bench.publisher.publish('no such group!', trade(1));
    bench.publisher.publish('g', { ...trade(2), price: undefined });
    await bench.publisher.drained();
    bench.publisher.publish('g', trade(3));
    await bench.publisher.drained();
    expect(ids(bench.heard).at(-1)).toBe(3);
    expect(bench.publisher.counters().refused).toBeGreaterThan(0);
  });

  it('[P11] history out of reach in the middle of that doubles nothing', async () => {
    const bench = createBench();
    const { store } = bench;
    let failures = 3;
    bench.store = {
      ...store,
      append(batch, fence) {
        const isLast = batch.length === 1 && batch[0]?.group === 'last';
        if (isLast && failures > 0) {
          failures -= 1;
          throw new Error('out of reach');
        }
        return store.append(batch, fence);
      },
    };
    bench.publisher.lead(1);
    bench.publisher.publish('alone', trade(1));
    bench.publisher.publish('first', trade(1));
    bench.publisher.publish('no such group!', trade(1));
    bench.publisher.publish('last', trade(1));
    await bench.publisher.drained();
    expect(failures).toBe(0);
    expect(bench.publisher.counters().refused).toBe(1);
    for (const name of ['first', 'last']) {
      expect([name, ids(bench.heard.filter(({ group }) => group === name))]).toEqual([name, [1]]);
    }
  });

  it('[P12] what a late old leader published between the reading and the first append is not lost', async () => {
    const old = createBench();
    const next = createBench(1_000, { store: old.store, heard: old.heard });
    old.publisher.lead(1);
    old.publisher.publish('g', trade(1));
    await old.publisher.drained();
    // The new leader has read that 1 is the newest; now the old one wakes up for a moment.
    const { store } = next;
    let isFirst = true;
    next.store = {
      ...store,
      async newest(groups, count) {
        const ranges = await store.newest(groups, count);
        if (isFirst) {
          isFirst = false;
          old.publisher.publish('g', trade(2));
          await old.publisher.drained();
        }
        return ranges;
      },
    };
    for (const id of [1, 2, 3]) next.publisher.publish('g', trade(id));
    next.publisher.lead(2);
    await next.publisher.drained();
    expect(ids(old.heard)).toEqual([1, 2, 3]);
    expect(seqs(old.heard)).toEqual([1, 2, 3]);
  });

  it('[P12] what a late old leader publishes as the first message of a group is not published again', async () => {
    const old = createBench();
    const next = createBench(1_000, { store: old.store, heard: old.heard });
    old.publisher.lead(1);
    // The new leader has read that there is nothing; now the old one gets its first message out.
    const { store } = next;
    let isFirst = true;
    next.store = {
      ...store,
      async newest(groups, count) {
        const ranges = await store.newest(groups, count);
        if (isFirst) {
          isFirst = false;
          old.publisher.publish('g', trade(1));
          await old.publisher.drained();
        }
        return ranges;
      },
    };
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
    '[P12] what a late old leader publishes first is not published again by one %s with nothing to publish',
    async (_, learn) => {
      const old = createBench();
      const next = createBench(1_000, { store: old.store, heard: old.heard });
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

  it('[P9] of bars and tickers a new leader publishes only what is newer than the newest', async () => {
    const old = createBench();
    const next = createBench(1_000, { store: old.store, heard: old.heard });
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

  describe('what is not kept', () => {
    const bar = (start: number, closed: boolean, close = '1'): Message => ({
      type: 'price.bar',
      start,
      closed,
      close,
      rts: Date.now(),
      ts: start,
    });
    const outline = (heard: readonly Heard[]) =>
      heard.map(({ message }) => [message['start'], message['closed'], message['close'], message['seq']]);
    const settled = (publisher: Publisher): Promise<void> =>
      publisher.drained().then(() => new Promise((resolve) => setImmediate(resolve)));

    it('[P150] has no position and no place in history, and comes behind what was queued before it', async () => {
      const { publisher, heard, store } = createBench();
      publisher.lead(1);
      publisher.publish('bar', bar(0, true));
      publisher.pass('bar', bar(1, false));
      await settled(publisher);
      publisher.pass('bar', bar(1, false, '2'));
      await settled(publisher);
      publisher.publish('bar', bar(1, true, '3'));
      await settled(publisher);
      expect(outline(heard)).toEqual([
        [0, true, '1', 1],
        [1, false, '1', undefined],
        [1, false, '2', undefined],
        [1, true, '3', 2],
      ]);
      expect(heard.every(({ message }) => typeof message['pts'] === 'number')).toBe(true);
      expect((await store.newest(['bar'], 10))[0]?.messages.map(({ seq }) => seq)).toEqual([1, 2]);
      expect(publisher.counters()).toMatchObject({ published: 2, passed: 2, unpassed: 0 });
    });

    it('[P150] begins no history of its own', async () => {
      const { publisher, heard, store } = createBench();
      publisher.lead(1);
      publisher.pass('day', bar(0, false));
      await settled(publisher);
      expect(outline(heard)).toEqual([[0, false, '1', undefined]]);
      expect((await store.newest(['day'], 1))[0]?.position).toBeNull();
    });

    it('[P151] of several that wait the newest goes, and none behind what replaced it', async () => {
      const { publisher, heard } = createBench();
      publisher.lead(1);
      for (const close of ['1', '2', '3']) publisher.pass('open', bar(1, false, close));
      publisher.pass('closed', bar(1, false));
      publisher.publish('closed', bar(1, true, '9'));
      await settled(publisher);
      expect(outline(heard.filter(({ group }) => group === 'open'))).toEqual([[1, false, '3', undefined]]);
      expect(outline(heard.filter(({ group }) => group === 'closed'))).toEqual([[1, true, '9', 1]]);
    });

    it('[P151] is dropped where this does not lead, and counted where the layer does not take it', async () => {
      const bench = createBench();
      bench.publisher.pass('g', bar(1, false));
      bench.publisher.lead(1);
      await settled(bench.publisher);
      bench.failure = 'before';
      bench.publisher.pass('g', bar(1, false));
      await settled(bench.publisher);
      expect(bench.heard).toEqual([]);
      expect(bench.publisher.counters()).toMatchObject({ passed: 0, unpassed: 1, overflowed: 0 });
    });
  });

  it('[P10] ready() holds a feed back while more than half of the buffer is used', async () => {
    const bench = createBench(10);
    bench.failure = 'before';
    bench.publisher.lead(1);
    bench.publisher.publish('g', trade(0));
    while (bench.publisher.counters().retries < 1) await new Promise((resolve) => setImmediate(resolve));
    for (const id of upTo(6)) bench.publisher.publish('g', trade(id));
    let isReady = false;
    const ready = bench.publisher.ready().then(() => {
      isReady = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(isReady).toBe(false);
    bench.failure = 'none';
    await ready;
    expect(bench.publisher.counters().overflowed).toBe(0);
  });
});
