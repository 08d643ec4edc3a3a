import { afterEach, describe, expect, test } from '@jest/globals';
import { testSeed } from '../../../../tests/support/depth.js';
import type { Snapshot, SubscribeOptions } from '../index.js';
import { type Client, createRandom, createRig, ownLine, type Rig, range, turns, until } from '../testing/index.js';

let rig: Rig;
afterEach(() => rig.close());

const publish = (count: number, channel = 'a'): void => {
  for (let i = 0; i < count; i += 1) rig.source.publish(channel);
};

const e1 = (seq: number) => ({ seq, epoch: 'e1' });

describe('snapshot', () => {
  test('[B30] the newest publication comes first, then the live stream', async () => {
    rig = createRig();
    publish(5);
    const client = rig.connect();
    const snapshot = await rig.follow(client, 'a');
    publish(2);
    await turns();
    expect(client.seqs('a')).toEqual([5, 6, 7]);
    expect(snapshot).toMatchObject({ position: e1(5), recovered: false });
  });

  test('[B30] a channel without any publication begins empty, and its first publication arrives', async () => {
    rig = createRig();
    const client = rig.connect();
    expect(await rig.follow(client, 'a')).toEqual({ publications: [], position: undefined, recovered: false });
    publish(1);
    await turns();
    expect(client.seqs('a')).toEqual([1]);
  });

  test.each([
    { last: 0, kept: 1_000, expected: [] },
    { last: 3, kept: 1_000, expected: [8, 9, 10] },
    { last: 99, kept: 1_000, expected: range(1, 10) },
    { last: 8, kept: 4, expected: [7, 8, 9, 10] },
    { last: 3, kept: 0, expected: [] },
  ])('[B31] the last $last with $kept in history', async ({ last, kept, expected }) => {
    rig = createRig({ recentSize: 2 });
    publish(10);
    rig.source.trim('a', kept);
    const client = rig.connect();
    const snapshot = await rig.follow(client, 'a', { last });
    publish(1);
    await turns();
    expect(snapshot?.position).toEqual(e1(10));
    expect(client.seqs('a')).toEqual([...expected, 11]);
  });

  test('[B106] [B33] what was read before Redis lost its end and was written on is not recovered from', async () => {
    rig = createRig();
    const client = rig.connect();
    await rig.follow(client, 'a');
    publish(5);
    await turns();
    rig.source.loseEnd('a', 2);
    for (const text of ['other', 'others']) rig.source.publish('a', { text });
    await turns();
    expect(client.seqs('a')).toEqual([1, 2, 3, 4, 5, 4, 5]);
    publish(2);
    await turns();
    const recoverFrom = (seq: number) => rig.follow(rig.connect(), 'a', { since: e1(seq) });
    expect(await recoverFrom(5)).toMatchObject({ recovered: false, position: e1(7) });
    expect(await recoverFrom(4)).toMatchObject({ recovered: false });
    expect(await recoverFrom(3)).toMatchObject({ recovered: true });
    expect(await recoverFrom(6)).toMatchObject({ recovered: true });
  });

  test('[B31] no more than maxRecovered, whatever was requested', async () => {
    rig = createRig({ recentSize: 2 });
    publish(50);
    const client = rig.connect();
    await rig.follow(client, 'a', { last: 1_000_000, maxRecovered: 20 });
    expect(client.session.outboxBytes).toBeGreaterThan(0);
    await turns();
    expect(client.seqs('a')).toEqual(range(31, 50));
  });

  test('[B31] the newest message is sent though it is not in history, and moves no position', async () => {
    rig = createRig();
    const first = rig.connect();
    await rig.follow(first, 'a', { last: 0 });
    publish(3);
    rig.source.send('a', { type: 'open.bar' });
    const begin = (options: SubscribeOptions) => rig.follow(rig.connect(), 'a', options);
    const positions = (snapshot: Snapshot | undefined) => snapshot?.publications.map(({ position }) => position?.seq);
    expect(positions(await begin({ last: 0 }))).toEqual([]);
    expect(positions(await begin({ last: 1 }))).toEqual([3, undefined]);
    expect(positions(await begin({ last: 3 }))).toEqual([1, 2, 3, undefined]);
    const recovered = await begin({ since: e1(1) });
    expect(positions(recovered)).toEqual([2, 3, undefined]);
    expect(recovered).toMatchObject({ position: e1(3), recovered: true });
    publish(1);
    expect(positions(await begin({ last: 2 }))).toEqual([3, 4]);
  });

  test.each([1, 300])(
    '[B33] a client that cannot recover learns where it stands, whatever is newest (%i in memory)',
    async (recentSize) => {
      rig = createRig({ recentSize });
      const first = rig.connect();
      await rig.follow(first, 'a', { last: 0 });
      publish(3);
      rig.source.send('a', { type: 'open.bar' });
      for (const since of [{ seq: 2, epoch: 'e0' }, e1(9)]) {
        const snapshot = await rig.follow(rig.connect(), 'a', { since });
        expect(snapshot?.publications.map(({ position }) => position?.seq)).toEqual([3, undefined]);
        expect(snapshot).toMatchObject({ position: e1(3), recovered: false });
      }
    },
  );

  test.each([2, 300])('[B32] a client that reconnects gets all it missed (%i in memory)', async (recentSize) => {
    rig = createRig({ recentSize });
    publish(100);
    const client = rig.connect();
    const snapshot = await rig.follow(client, 'a', { since: e1(40) });
    publish(1);
    await turns();
    expect(snapshot).toMatchObject({ position: e1(100), recovered: true });
    expect(client.seqs('a')).toEqual(range(41, 101));
  });

  test('[B32] a client that missed nothing gets nothing', async () => {
    rig = createRig();
    publish(5);
    const snapshot = await rig.follow(rig.connect(), 'a', { since: e1(5) });
    expect(snapshot).toEqual({ publications: [], position: e1(5), recovered: true });
  });

  test.each([
    { what: 'history no longer holds it', since: e1(3), kept: 4 },
    { what: 'history holds nothing', since: e1(3), kept: 0 },
    { what: 'it has another epoch', since: { seq: 9, epoch: 'e0' }, kept: 100 },
    { what: 'it is more than maxRecovered', since: e1(3), kept: 100, maxRecovered: 6 },
    { what: 'it is from the future', since: e1(11), kept: 100 },
  ])('[B33] not recovered because $what: sends the newest instead', async ({ since, kept, maxRecovered = 1_000 }) => {
    rig = createRig({ recentSize: 1 });
    publish(10);
    const first = rig.connect();
    await rig.follow(first, 'a');
    rig.source.trim('a', kept);
    const client = rig.connect();
    const snapshot = await rig.follow(client, 'a', { since, maxRecovered });
    publish(1);
    await turns();
    expect(snapshot).toMatchObject({ position: e1(10), recovered: false });
    expect(client.seqs('a')).toEqual([10, 11]);
  });

  test('[B34] a client that knows of publications where this gateway knows of none makes it catch up', async () => {
    rig = createRig();
    await rig.follow(rig.connect(), 'a');
    rig.source.dropNext('a', 5);
    publish(5);
    const client = rig.connect();
    const snapshot = await rig.follow(client, 'a', { since: e1(3) });
    await turns();
    expect(snapshot).toMatchObject({ position: e1(5), recovered: true });
    expect(client.seqs('a')).toEqual([4, 5]);
  });

  test('[B34] a client that knows more than this gateway makes it catch up', async () => {
    rig = createRig();
    publish(3);
    const other = rig.connect();
    await rig.follow(other, 'a');
    rig.source.dropNext('a', 4);
    publish(4);
    const client = rig.connect();
    const snapshot = await rig.follow(client, 'a', { since: e1(6) });
    await turns();
    expect(snapshot).toMatchObject({ position: e1(7), recovered: true });
    expect(client.seqs('a')).toEqual([7]);
    expect(other.seqs('a')).toEqual([3, 4, 5, 6, 7]);
  });

  test('[B35] a snapshot waits for a full socket and does not get its client closed as slow', async () => {
    rig = createRig({ maxOutboxBytes: 16_384 });
    for (const channel of ['a', 'b', 'c', 'd']) publish(200, channel);
    const client = rig.connect();
    client.transport.block();
    client.session.send(ownLine('hello'));
    await turns();
    const all = Promise.all(['a', 'b', 'c', 'd'].map((channel) => rig.follow(client, channel, { last: 200 })));
    await turns();
    expect(client.transport.lines().length).toBe(1);
    while (client.transport.lines().length < 801) {
      client.unblock();
      client.transport.block();
      await turns(2);
      expect(client.transport.closed).toBeUndefined();
    }
    await all;
    expect(client.seqs('d')).toEqual(range(1, 200));
    expect(client.transport.wrongWrites).toBe(0);
  });

  test('[B35] a waiting snapshot ends with its session', async () => {
    rig = createRig();
    const client = rig.connect();
    client.transport.block();
    client.session.send(ownLine('hello'));
    await turns();
    const subscribed = rig.follow(client, 'a');
    await turns();
    client.session.disconnected();
    expect(await subscribed).toBeUndefined();
    expect(rig.hub.channels.get('a')?.users).toBe(0);
  });

  test('[B30] under any interleaving nothing is missing or double at the seam', async () => {
    for (let seed = testSeed; seed < testSeed + 20; seed += 1) {
      const random = createRandom(seed);
      rig = createRig({
        recentSize: 1 + random.below(20),
        fake: { delay: () => turns(random.below(4)), drops: () => random.chance(0.1) },
      });
      publish(random.below(30));
      rig.source.hold();
      const clients: { readonly client: Client; readonly since: number | undefined; recovered: boolean }[] = [];
      const subscribed: Promise<void>[] = [];
      for (let step = 0; step < 60; step += 1) {
        if (random.chance(0.7)) publish(1 + random.below(4));
        if (random.chance(0.5)) rig.source.deliver(random.below(6));
        if (random.chance(0.1)) {
          const top = rig.source.position('a')?.seq ?? 0;
          const since = random.chance(0.5) ? Math.max(0, top - random.below(40)) : undefined;
          const entry = { client: rig.connect(), since, recovered: false };
          clients.push(entry);
          const options = since === undefined ? { last: random.below(12) } : { since: e1(since) };
          const follow = rig.follow(entry.client, 'a', options).then((snapshot) => {
            entry.recovered = snapshot?.recovered ?? false;
          });
          subscribed.push(follow);
        }
        if (random.chance(0.5)) await turns(1);
      }
      rig.source.deliver();
      await Promise.all(subscribed);
      publish(1);
      await rig.hub.channels.get('a')?.catchUp();
      const top = rig.source.position('a')?.seq ?? 0;
      await until(`everything of seed ${seed}`, () => clients.every(({ client }) => client.seqs('a').at(-1) === top));
      for (const { client, since, recovered } of clients) {
        const seqs = client.seqs('a');
        const from = since === undefined ? (seqs[0] ?? 0) : since + 1;
        expect({ seed, recovered, seqs }).toEqual({ seed, recovered: since !== undefined, seqs: range(from, top) });
      }
      expect(rig.hub.counters.lost).toBe(0);
      await rig.close();
    }
  });
});
