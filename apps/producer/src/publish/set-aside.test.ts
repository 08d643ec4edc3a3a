import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import {
  type AppendResult,
  createMemoryHistory,
  type History,
  type Message,
  RedisRefused,
} from '@tickwire/channel-layer';
import { createManualClock } from '@tickwire/protocol/testing';
import { createLogger } from '@tickwire/runtime';
import { waitFor } from '../../../../tests/support/wait-for.js';
import { createPublisher } from './publisher.js';

const trade = (id: number): Message => ({ type: 'price.trade', id: String(id), ts: id, rts: id, price: '1' });

const createBench = (
  holdsLease: () => Promise<boolean> = async () => true,
  maxBuffered = 10_000,
  lines: [text: string, details: Record<string, unknown>][] = [],
) => {
  const clock = createManualClock();
  const heard = new Map<string, number[]>();
  const epochsOf = new Map<string, unknown[]>();
  const store = createMemoryHistory({
    publish(group, message) {
      heard.set(group, [...(heard.get(group) ?? []), Number(message['id'])]);
      epochsOf.set(group, [...(epochsOf.get(group) ?? []), message['epoch']]);
    },
  });
  const bad = new Map<string, (group: string) => AppendResult | Error>();
  let appends = 0;
  let epochs = 0;
  const fenced: number[] = [];
  const history: Pick<History, 'append' | 'newest'> = {
    newest: store.newest,
    async append(batches, fence) {
      appends += 1;
      const failed = batches.map(({ group }) => bad.get(group)?.(group));
      for (const each of failed) if (each instanceof Error) throw each;
      const good = await store.append(
        batches.filter(({ group }) => !bad.has(group)),
        fence,
      );
      return [...good, ...failed.filter((each): each is AppendResult => each !== undefined)];
    },
  };
  const publisher = createPublisher({
    history,
    clock,
    holdsLease,
    maxBuffered,
    standbyMs: 1_000,
    send: async () => undefined,
    logger: Object.assign(createLogger('test', 'silent'), {
      error: (details: Record<string, unknown>, text: string) => void lines.push([text, details]),
      info: (details: Record<string, unknown>, text: string) => void lines.push([text, details]),
    }),
    onFenced: () => fenced.push(1),
    newEpoch: () => `e${++epochs}`,
  });
  return { publisher, heard, epochsOf, bad, pass: clock.advance, fenced, appends: () => appends };
};

const rejected = (group: string): AppendResult => ({ group, outcome: 'rejected', reason: 'WRONGTYPE' });
const raised = (group: string): AppendResult => ({ group, outcome: 'fenced', fence: 9e15 });

describe('a group that history rejects', () => {
  it.each([
    ['a key of another type', rejected],
    ['a fence that somebody raised', raised],
    ['an answer for the whole call', () => new RedisRefused('ERR')],
  ])(
    '[P122] for %s is set aside: the others continue, and it is tried again after growing pauses',
    async (_why, answer) => {
      const { publisher, heard, bad, pass, appends, fenced } = createBench();
      publisher.lead(1);
      bad.set('bad', answer);
      publisher.publish('bad', trade(1));
      publisher.publish('good', trade(1));
      await publisher.drained();
      expect(heard.get('good')).toEqual([1]);
      expect([...publisher.setAside().keys()]).toEqual(['bad']);
      expect(publisher.buffered).toBe(1);

      // While it pauses, nobody tries it.
      const before = appends();
      publisher.publish('bad', trade(2));
      publisher.publish('good', trade(2));
      await publisher.drained();
      expect(appends()).toBe(before + 1);
      pass(1_000);
      publisher.publish('good', trade(3));
      await publisher.drained();
      bad.clear();
      pass(1_999);
      await publisher.drained();
      expect(heard.has('bad')).toBe(false);

      pass(1);
      publisher.publish('bad', trade(3));
      await publisher.drained();
      expect(heard.get('bad')).toEqual([1, 2, 3]);
      expect(heard.get('good')).toEqual([1, 2, 3]);
      expect(publisher.setAside().size).toBe(0);
      expect(publisher.buffered).toBe(0);
      expect(fenced).toEqual([]);
    },
  );

  it('[P122] keeps its newest thousand messages; the loss of older ones is counted, and reported by a new epoch', async () => {
    const { publisher, heard, bad, pass } = createBench();
    publisher.lead(1);
    publisher.publish('bad', trade(1));
    await publisher.drained();
    const { epochs } = publisher.counters();
    bad.set('bad', rejected);
    for (let id = 2; id <= 1_202; id += 1) publisher.publish('bad', trade(id));
    publisher.publish('good', trade(1));
    await publisher.drained();
    expect(publisher.counters().overflowed).toBe(201);
    bad.clear();
    pass(1_000);
    await publisher.drained();
    expect(heard.get('bad')).toHaveLength(1_001);
    expect(heard.get('bad')?.at(-1)).toBe(1_202);
    expect(publisher.counters().epochs).toBe(epochs + 2);
  });

  it('[P7] a newer fence ends the term if another leader holds the lease', async () => {
    const { publisher, bad, fenced } = createBench(async () => false);
    publisher.lead(1);
    bad.set('bad', raised);
    publisher.publish('bad', trade(1));
    await publisher.drained();
    expect(fenced).toEqual([1]);
    expect(publisher.setAside().size).toBe(0);
  });

  it('[P122] an unreachable lease does not end the term: the fence keeps a late leader out of each group', async () => {
    const { publisher, bad, fenced, heard } = createBench(() => Promise.reject(new Error('out of reach')));
    publisher.lead(1);
    bad.set('bad', raised);
    publisher.publish('bad', trade(1));
    publisher.publish('good', trade(1));
    await publisher.drained();
    expect(fenced).toEqual([]);
    expect(heard.get('good')).toEqual([1]);
  });

  it('[P353] many are logged once, and all are tried again at once when one is accepted', async () => {
    const lines: [text: string, details: Record<string, unknown>][] = [];
    const { publisher, heard, bad, pass } = createBench(undefined, undefined, lines);
    const names = Array.from({ length: 50 }, (_, at) => `bad.${at}`);
    publisher.lead(1);
    for (const name of names) bad.set(name, rejected);
    for (const name of [...names, 'good']) publisher.publish(name, trade(1));
    await publisher.drained();
    expect(publisher.setAside().size).toBe(50);
    expect(lines.filter(([text]) => text.includes('set aside'))).toHaveLength(1);
    // All but one have a long pause.
    for (let second = 0; second < 60; second += 1) {
      pass(1_000);
      await nextTurn();
    }
    bad.clear();
    publisher.publish('late', trade(1));
    bad.set('late', rejected);
    await waitFor('one more to be rejected', () => publisher.setAside().has('late'));
    bad.clear();
    pass(1_000);
    await waitFor('all to be accepted', () => publisher.setAside().size === 0);
    for (const name of names) expect(heard.get(name)).toEqual([1]);
    expect(lines.at(-1)).toMatchObject(['history accepts the group again', { groups: 0 }]);
    await publisher.drained();
  });

  it('[P123] if every group is rejected, none is set aside: publishing waits, and reports since when and why', async () => {
    const { publisher, bad, pass, heard } = createBench();
    publisher.lead(1);
    const groups = Array.from({ length: 20 }, (_, index) => `group-${index}`);
    for (const group of groups) bad.set(group, () => new RedisRefused('NOPERM'));
    for (const group of groups) publisher.publish(group, trade(1));
    for (let turns = 0; publisher.stalled === undefined && turns < 1_000; turns += 1) await Promise.resolve();
    expect(publisher.stalled).toEqual({ sinceMs: 1_000, reason: 'NOPERM' });
    expect(publisher.setAside().size).toBe(0);
    bad.clear();
    pass(200);
    await publisher.drained();
    expect(publisher.stalled).toBeUndefined();
    expect(publisher.publishedAt).toBe(1_200);
    expect(groups.map((group) => heard.get(group))).toEqual(groups.map(() => [1]));
  });

  it('[P122] what waits is dropped when newer messages of the group are: no hole is left between them', async () => {
    const { publisher, heard, epochsOf, bad, pass } = createBench(async () => true, 20);
    publisher.lead(1);
    for (const group of ['bad', 'good']) publisher.publish(group, trade(1));
    await publisher.drained();
    bad.set('bad', rejected);
    publisher.publish('bad', trade(2));
    await publisher.drained();
    bad.set('good', () => new Error('unreachable'));
    await nextTurn();
    publisher.publish('good', trade(2));
    for (let id = 3; id <= 42; id += 1) publisher.publish('bad', trade(id));
    expect(publisher.counters().overflowed).toBe(21);
    bad.clear();
    await waitFor('the other group', () => {
      pass(100);
      return heard.get('good')?.includes(2) === true;
    });
    await publisher.drained();
    pass(2_000);
    await publisher.drained();
    expect(heard.get('bad')).toEqual([1, ...Array.from({ length: 20 }, (_, index) => index + 23)]);
    expect(new Set(epochsOf.get('bad')?.slice(1)).size).toBe(1);
    expect(epochsOf.get('bad')?.[1]).not.toBe(epochsOf.get('bad')?.[0]);
  });
});
