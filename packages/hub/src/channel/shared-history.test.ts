import { describe, expect, test } from '@jest/globals';
import { createCounters } from '../counters.js';
import { createFakeSource, type FakeSourceOptions, range, turns } from '../testing/index.js';
import { createSharedHistory, type HistoryPage } from './shared-history.js';

const open = (options: FakeSourceOptions = {}) => {
  const clock = { ms: 0 };
  const source = createFakeSource({ delay: () => turns(1), ...options });
  const counters = createCounters();
  const shared = createSharedHistory({ history: source.history, counters, now: () => clock.ms });
  const publish = (count: number, channel = 'a'): void => {
    for (let i = 0; i < count; i += 1) source.publish(channel);
  };
  return { clock, source, counters, shared, publish };
};

const seqs = ({ publications }: HistoryPage): (number | undefined)[] =>
  publications.map(({ position }) => position?.seq);

describe('history that many read at once', () => {
  test('[B80] overlapping ranges are read once, and share their publications', async () => {
    const { source, counters, shared, publish } = open();
    publish(500);
    const first = shared.read('a', { afterSeq: 100, limit: 1_000 });
    const others = [100, 250, 499].map((afterSeq) => shared.read('a', { afterSeq, limit: 1_000 }));
    const page = await first;
    expect(seqs(page)).toEqual(range(101, 500));
    for (const [index, other] of (await Promise.all(others)).entries()) {
      expect(seqs(other)).toEqual(range([101, 251, 500][index] ?? 0, 500));
      expect(other.publications.at(-1)).toBe(page.publications.at(-1));
    }
    expect(source.operations.read).toBe(1);
    expect(counters).toMatchObject({ historyReads: 1, historyShared: 3 });
  });

  test('[B80] when a range begins earlier, only the missing part is read', async () => {
    const { source, shared, publish } = open();
    publish(500);
    const later = await shared.read('a', { afterSeq: 200, limit: 1_000 });
    const earlier = await shared.read('a', { afterSeq: 150, limit: 1_000 });
    expect(seqs(earlier)).toEqual(range(151, 500));
    expect(earlier.publications.at(-1)).toBe(later.publications.at(-1));
    expect(seqs(await shared.read('a', { afterSeq: 160, limit: 10 }))).toEqual(range(161, 170));
    expect(source.operations.read).toBe(2);
  });

  test('[B80] a range read over a second ago, or ending before the requested one, is read again', async () => {
    const { clock, source, shared, publish } = open();
    publish(10);
    await shared.read('a', { afterSeq: 0, limit: 100 });
    publish(5);
    expect(seqs(await shared.read('a', { afterSeq: 10, limit: 100 }))).toEqual(range(11, 15));
    expect(seqs(await shared.read('a', { afterSeq: 0, limit: 100 }))).toEqual(range(1, 15));
    expect(source.operations.read).toBe(2);
    clock.ms += 1_000;
    shared.sweep();
    expect(seqs(await shared.read('a', { afterSeq: 0, limit: 100 }))).toEqual(range(1, 15));
    expect(source.operations.read).toBe(3);
  });

  test('[B80] a single one read elsewhere does not take the place of what is shared', async () => {
    const { source, shared, publish } = open();
    publish(500);
    await shared.read('a', { afterSeq: 200, limit: 1_000 });
    expect(seqs(await shared.read('a', { afterSeq: 50, limit: 1 }))).toEqual([51]);
    const before = source.operations.read;
    expect(seqs(await shared.read('a', { afterSeq: 300, limit: 1_000 }))).toEqual(range(301, 500));
    expect(source.operations.read).toBe(before);
  });

  test('[B80] a read that began too early to know the newest does not answer a later request', async () => {
    const { shared, publish } = open({ delay: () => turns(2) });
    publish(5);
    const early = shared.read('a', { afterSeq: 5, limit: 10 });
    await turns(3);
    publish(1);
    expect(seqs(await shared.read('a', { afterSeq: 5, limit: 10 }))).toEqual([6]);
    expect(seqs(await early)).toEqual([]);
  });

  test('[B80] two epochs, or two channels, are never mixed', async () => {
    const { source, shared, publish } = open();
    publish(5);
    publish(3, 'b');
    await shared.read('a', { afterSeq: 0, limit: 10 });
    source.reset('a');
    publish(8);
    const page = await shared.read('a', { afterSeq: 5, limit: 10 });
    expect(page.publications.map(({ position }) => position)).toEqual(range(6, 8).map((seq) => ({ seq, epoch: 'e2' })));
    expect(seqs(await shared.read('b', { afterSeq: 0, limit: 10 }))).toEqual([1, 2, 3]);
  });

  test('[B80] a read that fails rejects for all waiting callers, and the next one reads again', async () => {
    const { source, shared, publish } = open();
    publish(5);
    source.failNext('read', 1);
    const all = [0, 1, 2].map((afterSeq) => shared.read('a', { afterSeq, limit: 10 }));
    const results = await Promise.allSettled(all);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(seqs(await shared.read('a', { afterSeq: 2, limit: 10 }))).toEqual([3, 4, 5]);
  });

  test('[B81] at most 50,000 publications are kept, those read last', async () => {
    const { source, shared, publish } = open({ historySize: 20_000, delay: () => Promise.resolve() });
    const channels = range(1, 7).map((n) => `c${n}`);
    for (const channel of channels) {
      publish(9_000, channel);
      await shared.read(channel, { afterSeq: 0, limit: 9_000 });
    }
    const before = source.operations.read;
    for (const channel of channels.slice(2)) await shared.read(channel, { afterSeq: 0, limit: 9_000 });
    expect(source.operations.read).toBe(before);
    await shared.read('c1', { afterSeq: 0, limit: 9_000 });
    expect(source.operations.read).toBe(before + 1);
  });
});
