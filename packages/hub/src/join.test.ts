import { afterEach, describe, expect, test } from '@jest/globals';
import type { Snapshots, SubscribeOptions } from './index.js';
import type { JoinDecision } from './join.js';
import { type Client, createRig, type Rig, range, turns, until } from './testing/index.js';

let rig: Rig;
afterEach(() => rig.close());

const publish = (count: number, channel = 'a'): void => {
  for (let i = 0; i < count; i += 1) rig.source.publish(channel);
};

const e1 = (seq: number) => ({ seq, epoch: 'e1' });
const users = (channel: string): number | undefined => rig.hub.channels.get(channel)?.users;

const join = (
  client: Client,
  requests: Readonly<Record<string, SubscribeOptions>>,
  decide: (snapshots: Snapshots) => JoinDecision = () => 'join',
): Promise<void> =>
  rig.hub.join(client.session, new Map(Object.entries(requests)), (snapshots) => {
    for (const { publications } of snapshots.values()) client.session.sendItems(publications);
    return decide(snapshots);
  });

describe('a join of several channels', () => {
  test('[B83] snapshots are taken at one instant, and everything newer follows right behind them', async () => {
    rig = createRig({ recentSize: 24, fake: { delay: (_, channel) => turns(channel === 'b' ? 6 : 1) } });
    publish(20);
    publish(20, 'b');
    const client = rig.connect();
    let positions: unknown;
    const joined = join(client, { a: { since: e1(3) }, b: { since: e1(15) } }, (snapshots) => {
      positions = [rig.source.position('a'), rig.source.position('b')];
      expect([...snapshots.values()].map(({ position }) => position)).toEqual(positions);
      return 'join';
    });
    let isJoined = false;
    void joined.then(() => (isJoined = true));
    await until('the join', () => {
      publish(1);
      publish(1, 'b');
      return isJoined;
    });
    publish(1);
    await turns();
    expect(positions).toBeDefined();
    expect(client.seqs('a')).toEqual(range(4, rig.source.position('a')?.seq ?? 0));
    expect(client.seqs('b')).toEqual(range(16, rig.source.position('b')?.seq ?? 0));
    expect(rig.hub.counters).toMatchObject({ recovered: 2, unrecovered: 0, lost: 0 });
  });

  test('[B83] leave follows none of the channels and keeps none open', async () => {
    rig = createRig();
    const client = rig.connect();
    await join(client, { a: {}, b: {} }, () => 'leave');
    expect(client.session.streams).toEqual([]);
    expect([users('a'), users('b')]).toEqual([0, 0]);
  });

  test('[B83] retry starts again with other requests, and a loss is counted once', async () => {
    rig = createRig();
    publish(9);
    publish(9, 'b');
    const client = rig.connect();
    const seen: number[][] = [];
    const requests = new Map<string, SubscribeOptions>([
      ['a', { since: { seq: 2, epoch: 'gone' } }],
      ['b', { since: e1(7) }],
    ]);
    await rig.hub.join(client.session, requests, (snapshots) => {
      seen.push([...snapshots.values()].map(({ publications }) => publications.length));
      return seen.length === 1 ? { retry: new Map([...requests, ['a', { last: 4 }]]) } : 'join';
    });
    expect(seen).toEqual([
      [1, 2],
      [4, 2],
    ]);
    expect(rig.hub.counters).toMatchObject({ recovered: 1, unrecovered: 1 });
    expect(client.session.streams.length).toBe(2);
  });

  test('[B83] if one channel cannot be opened, none is followed', async () => {
    rig = createRig();
    const client = rig.connect();
    rig.source.failNext('listen', 1);
    await expect(join(client, { a: {}, b: {} })).rejects.toThrow();
    expect(client.session.streams).toEqual([]);
    expect([users('a') ?? 0, users('b') ?? 0]).toEqual([0, 0]);
  });

  test('[B83] unsubscribing from one channel cancels the whole join', async () => {
    rig = createRig({ fake: { delay: () => turns(1) } });
    const client = rig.connect();
    const joined = join(client, { a: {}, b: {} });
    expect(rig.hub.unsubscribe(client.session, 'b')).toBe(true);
    await joined;
    expect(client.session.streams).toEqual([]);
    expect([users('a'), users('b')]).toEqual([0, 0]);
  });

  test('[B84] the deadline starts when the layer is asked, and a channel that arrives too late is released', async () => {
    rig = createRig({ fake: { delay: () => turns(4) } });
    const client = rig.connect();
    client.transport.block();
    client.session.send(Buffer.from('{"kind":"own","text":""}\n'));
    await turns();
    const asked: string[] = [];
    const joined = rig.hub.join(client.session, new Map([['a', {}]]), () => 'join', {
      async inTime(work) {
        asked.push('asked');
        await turns(1);
        void work;
        throw new RangeError('too late');
      },
    });
    await expect(joined).rejects.toThrow('too late');
    await until('the channel is released', () => users('a') === 0);
    expect(asked).toEqual(['asked']);
  });
});

describe('a recovery storm', () => {
  test('[B80] [B82] a thousand clients that reconnect at once read history once and share every encoding', async () => {
    rig = createRig({ fake: { delay: () => turns(1) } });
    publish(700);
    const clients = range(1, 1_000).map(() => rig.connect());
    // They left within a moment of each other.
    const joins = clients.map((client, index) => rig.follow(client, 'a', { since: e1(150 + (index % 50)) }));
    publish(3);
    const snapshots = await Promise.all(joins);
    expect(snapshots.every((snapshot) => snapshot?.recovered)).toBe(true);
    expect(rig.source.operations.read).toBeLessThan(60);
    expect(rig.hub.counters).toMatchObject({ recovered: 1_000, unrecovered: 0 });
    const newest = new Set(snapshots.map((snapshot) => snapshot?.publications.at(-1)));
    expect(newest.size).toBe(1);
    await turns(200);
    for (const [index, client] of clients.entries()) {
      if (index % 97 === 0) expect(client.seqs('a')).toEqual(range(151 + (index % 50), 703));
    }
  });

  test('[B120] joins that come together open their channels over several turns, in order', async () => {
    const opened: string[] = [];
    rig = createRig({
      fake: {
        delay(operation, channel) {
          if (operation === 'listen' && !opened.includes(channel)) {
            opened.push(channel);
            rig.clock.ms += 1;
          }
          return Promise.resolve();
        },
      },
    });
    const client = rig.connect();
    const names = range(1, 200).map(String);
    const joins = Promise.all(names.map((name) => rig.follow(client, name)));
    let most = 0;
    for (let before = 0; before < names.length; before = opened.length) {
      most = Math.max(most, opened.length - before);
      await turns(1);
      most = Math.max(most, opened.length - before);
    }
    // Two turns may fall between two looks.
    expect(most).toBeLessThanOrEqual(18);
    await joins;
    expect(opened).toEqual(names);
  });
});
