import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { Stream } from './fan-out/stream.js';
import { PayloadItem } from './fan-out/wire-format.js';
import { batchLineFormat, createRig, type Rig, range, turns, until } from './testing/index.js';
import { advance, stillTimers } from './testing/still-timers.js';

let rig: Rig;
afterEach(async () => {
  jest.useRealTimers();
  await rig.close();
});

const publish = (count: number, channel = 'a'): void => {
  for (let i = 0; i < count; i += 1) rig.source.publish(channel);
};

/** Nothing of the channel is left: no users, no followers, no timers. */
const isUnused = (channel = 'a'): boolean => rig.hub.channels.get(channel)?.users === 0;

describe('a subscription that is never completed', () => {
  test('[B37] ends when its session leaves before it is complete', async () => {
    for (let turn = 0; turn < 6; turn += 1) {
      rig = createRig({ fake: { delay: () => turns(1) }, recentSize: 1 });
      publish(20);
      const client = rig.connect();
      const subscribed = rig.follow(client, 'a', { last: 10 });
      await turns(turn);
      client.session.disconnected();
      expect(await subscribed).toBeUndefined();
      expect(isUnused()).toBe(true);
      publish(1);
      await turns();
      expect(client.seqs('a')).toEqual([]);
      await rig.close();
    }
  });

  test('[B37] is cancelled by unsubscribe before it is complete', async () => {
    rig = createRig({ fake: { delay: () => turns(1) } });
    const client = rig.connect();
    const subscribed = rig.follow(client, 'a');
    await turns(2);
    expect(rig.hub.unsubscribe(client.session, 'a')).toBe(true);
    expect(rig.hub.unsubscribe(client.session, 'a')).toBe(false);
    expect(await subscribed).toBeUndefined();
    expect(isUnused()).toBe(true);
    publish(1);
    await turns();
    expect(client.seqs('a')).toEqual([]);
  });

  test('[B37] leaves nothing behind when the frame it sends closes the session', async () => {
    rig = createRig();
    const client = rig.connect();
    await rig.hub.join(client.session, new Map([['a', {}]]), () => {
      client.session.disconnected();
      return 'join';
    });
    expect(isUnused()).toBe(true);
    expect(rig.hub.channels.get('a')?.every.isFollowed).toBe(false);
  });

  test('[B37] leaves nothing behind when the decision throws, and rejects with it', async () => {
    rig = createRig();
    const client = rig.connect();
    const subscribed = rig.hub.join(client.session, new Map([['a', { intervalMs: 100 }]]), () => {
      throw new RangeError('no room');
    });
    await expect(subscribed).rejects.toThrow('no room');
    expect(isUnused()).toBe(true);
    expect(client.session.streams).toEqual([]);
  });

  test('[B38] rejects for all waiting subscribers when the layer cannot subscribe, and the next one tries again', async () => {
    for (const operation of ['listen', 'newest'] as const) {
      rig = createRig({ fake: { delay: () => turns(1) } });
      rig.source.failNext(operation, 1);
      const clients = range(1, 3).map(() => rig.connect());
      const results = await Promise.allSettled(clients.map((client) => rig.follow(client, 'a')));
      expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
      await until('no listener', () => rig.source.listeners('a') === 0);
      expect(rig.hub.channels.size).toBe(0);
      await rig.follow(rig.connect(), 'a');
      expect(rig.hub.channels.get('a')?.users).toBe(1);
      await rig.close();
    }
  });

  test('[B38] a subscriber that arrives between two rejections keeps its channel', async () => {
    rig = createRig({ fake: { delay: () => turns(1) } });
    rig.source.failNext('listen', 1);
    const [first, second, third] = [rig.connect(), rig.connect(), rig.connect()];
    const retried = rig.follow(first, 'a').catch(() => rig.follow(third, 'a'));
    const failed = rig.follow(second, 'a');
    await expect(failed).rejects.toThrow();
    await retried;
    publish(1);
    await turns();
    expect(third.seqs('a')).toEqual([1]);
    expect(rig.hub.channels.get('a')?.users).toBe(1);
  });

  test('[B38] a history that cannot be read rejects the subscription and does not affect others', async () => {
    rig = createRig({ recentSize: 1 });
    publish(10);
    const [client, other] = [rig.connect(), rig.connect()];
    await rig.follow(other, 'a');
    rig.source.failNext('read', 1);
    await expect(rig.follow(client, 'a', { last: 5 })).rejects.toThrow();
    publish(1);
    await turns();
    expect(client.seqs('a')).toEqual([]);
    expect(other.seqs('a')).toEqual([10, 11]);
    expect(rig.hub.channels.get('a')?.users).toBe(1);
  });
});

describe('the connection to the layer', () => {
  test('[B60] followers are notified once that a channel is stale, and once that it is live when it is complete', async () => {
    for (const format of [undefined, batchLineFormat]) {
      rig = createRig();
      const client = rig.connect(format);
      await rig.follow(client, 'a');
      publish(1);
      rig.source.disconnect();
      rig.source.disconnect();
      expect(rig.hub.channels.get('a')?.isStale).toBe(true);
      publish(3);
      rig.source.reconnect();
      await turns();
      publish(1);
      await turns();
      expect(client.transport.lines().map(({ kind }) => kind)).toEqual([
        'publication',
        'stale',
        ...range(2, 4).map(() => 'publication'),
        'live',
        'publication',
      ]);
      expect(client.seqs('a')).toEqual(range(1, 5));
      await rig.close();
    }
  });

  test('[B60] a session that joins a stale channel gets its newest publication, then the notice, and live like all others', async () => {
    rig = createRig();
    const [before, after] = [rig.connect(), rig.connect()];
    await rig.follow(before, 'a');
    publish(1);
    rig.source.disconnect();
    await rig.follow(after, 'a');
    await turns();
    expect(after.transport.lines().map(({ kind }) => kind)).toEqual(['publication', 'stale']);
    rig.source.reconnect();
    await turns();
    expect(after.of('live')).toHaveLength(1);
    expect([before.of('stale'), before.of('live')].map(({ length }) => length)).toEqual([1, 1]);
  });

  test('[B60] a layer that flaps: no live notice while it is lost again, and one live notice in the end', async () => {
    rig = createRig({ fake: { delay: () => turns(2) } });
    const client = rig.connect();
    await rig.follow(client, 'a');
    for (let i = 0; i < 3; i += 1) {
      rig.source.disconnect();
      publish(2);
      await turns(1);
      rig.source.reconnect();
      await turns(1);
    }
    rig.source.disconnect();
    publish(2);
    await turns(20);
    expect(client.of('stale').length).toBe(1);
    expect(client.of('live').length).toBe(0);
    rig.source.reconnect();
    await until('live', () => client.of('live').length > 0);
    await turns(20);
    expect(client.of('live').length).toBe(1);
    expect(client.seqs('a')).toEqual(range(1, 8));
    expect(rig.hub.channels.get('a')?.isStale).toBe(false);
  });

  test('[B60] a channel that opens while the layer is lost misses nothing', async () => {
    for (let turn = 0; turn < 8; turn += 1) {
      rig = createRig({ fake: { delay: () => turns(2) } });
      publish(1);
      const client = rig.connect();
      const subscribed = rig.follow(client, 'a');
      await turns(turn);
      rig.source.disconnect();
      publish(2);
      await turns(2);
      rig.source.reconnect();
      await subscribed;
      await until('all', () => client.seqs('a').at(-1) === 3);
      await rig.close();
    }
  });

  test('[B61] a silent channel whose history moved catches up', async () => {
    stillTimers();
    rig = createRig({ probeMs: 20 });
    const [client, empty] = [rig.connect(), rig.connect()];
    publish(1);
    await rig.follow(client, 'a');
    await rig.follow(empty, 'never before');
    rig.source.die();
    publish(3);
    publish(2, 'never before');
    rig.clock.ms += 20;
    await advance(20);
    await until('both', () => client.seqs('a').length === 4 && empty.seqs('never before').length === 2);
    expect(rig.hub.counters.gaps).toBe(2);
  });

  test('[B61] a connection that dies right after a message is noticed within probeMs', async () => {
    stillTimers();
    rig = createRig({ probeMs: 20 });
    const client = rig.connect();
    await rig.follow(client, 'a');
    rig.clock.ms += 1;
    publish(1);
    rig.source.die();
    publish(1);
    for (let ms = 1; ms < 20; ms += 1) {
      await advance(1);
      rig.clock.ms += 1;
    }
    await advance(1);
    await until('the missing one', () => client.seqs('a').length === 2);
  });

  test('[B61] a message that is not in history does not keep a channel from being probed', async () => {
    stillTimers();
    rig = createRig({ probeMs: 20 });
    const client = rig.connect();
    await rig.follow(client, 'a');
    rig.source.dropNext('a', 1);
    publish(1);
    for (let ms = 0; ms < 20; ms += 1) {
      rig.source.send('a', { type: 'open.bar' });
      await advance(1);
      rig.clock.ms += 1;
    }
    await until('the missing one', () => client.seqs('a').includes(1));
  });

  test('[B61] a channel that heard something recently is not probed', async () => {
    stillTimers();
    rig = createRig({ probeMs: 20 });
    await rig.follow(rig.connect(), 'a');
    const asked = rig.source.operations.newest;
    await advance(60);
    expect(rig.source.operations.newest).toBe(asked);
  });

  test('[B160] a channel that history rejects is stale, also for those who come then, until it is accepted and complete', async () => {
    stillTimers();
    rig = createRig({ probeMs: 20 });
    const probe = async (): Promise<void> => {
      rig.clock.ms += 20;
      await advance(20);
      await turns();
    };
    const [early, late, other] = [rig.connect(), rig.connect(), rig.connect()];
    publish(1);
    await rig.follow(early, 'a');
    await rig.follow(other, 'b');
    rig.source.reject('a', true);
    await probe();
    await probe();
    await rig.follow(late, 'a');
    await turns();
    expect([early, late].map((client) => client.of('stale').length)).toEqual([1, 1]);
    // What the layer loses and hears again meanwhile does not make it live.
    rig.source.disconnect();
    rig.source.reconnect();
    await probe();
    expect(early.of('live')).toHaveLength(0);
    expect(other.of('live')).toHaveLength(1);
    rig.source.dropNext('a', 1);
    publish(1);
    rig.source.reject('a', false);
    await probe();
    for (const client of [early, late]) {
      await until('live', () => client.of('live').length === 1);
      expect(client.seqs('a').at(-1)).toBe(2);
      expect(client.of('stale')).toHaveLength(1);
    }
    publish(1);
    await until('the next', () => early.seqs('a').at(-1) === 3);
  });

  test('[B170] a channel that its producer sets aside is stale, also for those who come then, until it is taken back', async () => {
    rig = createRig();
    const [early, late, other] = [rig.connect(), rig.connect(), rig.connect()];
    publish(1);
    await rig.follow(early, 'a');
    await rig.follow(other, 'b');
    rig.hub.setAside(new Set(['a', 'c']));
    rig.hub.setAside(new Set(['a', 'c']));
    await rig.follow(late, 'a');
    await rig.follow(late, 'c');
    await turns();
    expect([early, late, other].map((client) => client.of('stale').map(({ channel }) => channel))).toEqual([
      ['a'],
      ['a', 'c'],
      [],
    ]);
    // What the layer loses and hears again meanwhile does not make it live.
    rig.source.disconnect();
    rig.source.reconnect();
    await until('live', () => other.of('live').length === 1);
    expect([early, late].flatMap((client) => client.of('live'))).toEqual([]);
    rig.source.dropNext('a', 1);
    publish(1);
    rig.hub.setAside(new Set());
    await until('live', () => early.of('live').length + late.of('live').length === 3);
    expect([early, late].map((client) => client.seqs('a').at(-1))).toEqual([2, 2]);
    expect([...rig.hub.channels.values()].some(({ isStale }) => isStale)).toBe(false);
  });

  test('[B61] an unanswered probe is not repeated meanwhile; a failed one is', async () => {
    stillTimers();
    let hold: (() => void) | undefined;
    let isSlow = false;
    const delay = () => (isSlow ? new Promise<void>((resolve) => (hold = resolve)) : Promise.resolve());
    rig = createRig({ probeMs: 20, fake: { delay } });
    await rig.follow(rig.connect(), 'a');
    isSlow = true;
    rig.clock.ms += 20;
    const asked = rig.source.operations.newest;
    await advance(20);
    expect(rig.source.operations.newest).toBe(asked + 1);
    await advance(60);
    expect(rig.source.operations.newest).toBe(asked + 1);
    rig.source.failNext('newest', 1);
    isSlow = false;
    hold?.();
    await turns();
    await advance(10);
    expect(rig.source.operations.newest).toBe(asked + 2);
    expect(rig.hub.counters.failedReads).toBe(1);
  });
});

describe('interest', () => {
  test('[B62] a group is listened to once, while it has followers here and for groupLingerMs more', async () => {
    stillTimers();
    rig = createRig({ groupLingerMs: 1_000 });
    const [client, other] = [rig.connect(), rig.connect()];
    await Promise.all([rig.follow(client, 'a'), rig.follow(other, 'a')]);
    expect(rig.source.listeners('a')).toBe(1);
    rig.hub.unsubscribe(client.session, 'a');
    rig.clock.ms += 10_000;
    await advance(1_000);
    expect(rig.source.listeners('a')).toBe(1);
    other.session.disconnected();
    rig.clock.ms += 999;
    await advance(1_000);
    expect(rig.source.listeners('a')).toBe(1);
    rig.clock.ms += 1;
    await advance(1_000);
    expect(rig.source.listeners('a')).toBe(0);
    expect(rig.hub.channels.size).toBe(0);
  });

  test('[B142] thousands of channels that were left together are closed over several turns', async () => {
    stillTimers();
    rig = createRig({ groupLingerMs: 0 });
    const client = rig.connect();
    const names = range(1, 500).map((index) => `c${index}`);
    await Promise.all(names.map((name) => rig.follow(client, name)));
    client.session.disconnected();
    jest.advanceTimersByTime(1_000);
    expect(rig.hub.channels.size).toBeGreaterThan(300);
    // One that is acquired again meanwhile stays.
    await rig.follow(rig.connect(), 'c500');
    await turns();
    expect([...rig.hub.channels.keys()]).toEqual(['c500']);
  });

  test('[B62] a channel acquired again while it lingers continues as it was', async () => {
    stillTimers();
    rig = createRig({ groupLingerMs: 1_000 });
    const client = rig.connect();
    await rig.follow(client, 'a');
    const channel = rig.hub.channels.get('a');
    rig.hub.unsubscribe(client.session, 'a');
    publish(3);
    await rig.follow(client, 'a');
    rig.clock.ms += 5_000;
    await advance(1_000);
    expect(rig.hub.channels.get('a')).toBe(channel);
    expect(rig.source.operations.listen).toBe(1);
    publish(1);
    await turns();
    expect(client.seqs('a')).toEqual([3, 4]);
  });

  test('[B62] a channel acquired again while it is closing is a new one, complete', async () => {
    stillTimers();
    rig = createRig({ groupLingerMs: 0, fake: { delay: () => turns(3) } });
    const client = rig.connect();
    await rig.follow(client, 'a');
    publish(1);
    rig.hub.unsubscribe(client.session, 'a');
    jest.advanceTimersByTime(1_000);
    expect(rig.hub.channels.size).toBe(0);
    const subscribed = rig.follow(client, 'a');
    publish(1);
    await subscribed;
    publish(2);
    await until('all', () => client.seqs('a').at(-1) === 4);
    expect(new Set(client.seqs('a')).size).toBe(client.seqs('a').length);
    await until('the old one gone', () => rig.source.listeners('a') === 1);
    expect(rig.hub.channels.get('a')?.users).toBe(1);
  });

  test('[B63] a consumer can have its own stream beside channels, even one of the same name', async () => {
    rig = createRig();
    const client = rig.connect();
    await rig.follow(client, 'a');
    const stream = new Stream('a');
    rig.hub.setStreams(client.session, [stream]);
    publish(1);
    stream.publish(new PayloadItem(() => Buffer.from('{"kind":"own","text":"mine"}\n')));
    await turns();
    expect(client.transport.lines().map(({ kind }) => kind)).toEqual(['publication', 'own']);
    client.session.disconnected();
    expect(rig.hub.channels.get('a')?.users).toBe(0);
    expect(stream.isFollowed).toBe(false);
  });

  test("[B63] a consumer's streams are replaced as a whole, and channels stay", async () => {
    rig = createRig();
    const client = rig.connect();
    await rig.follow(client, 'a');
    const [first, second] = [new Stream('first'), new Stream('second')];
    rig.hub.setStreams(client.session, [first, second]);
    rig.hub.setStreams(client.session, [second]);
    expect([first.isFollowed, second.isFollowed]).toEqual([false, true]);
    rig.hub.setStreams(client.session, []);
    expect(client.session.streams.map(({ name }) => name)).toEqual(['a']);
  });
});

describe('taps', () => {
  test('[B64] a tap receives the newest and then every publication, until it is undone', async () => {
    rig = createRig();
    publish(2);
    const heard: (number | undefined)[] = [];
    const untap = await rig.hub.tap('a', ({ position }) => heard.push(position?.seq));
    publish(2);
    untap();
    untap();
    publish(1);
    expect(heard).toEqual([2, 3, 4]);
    expect(isUnused()).toBe(true);
  });

  test('[B64] a tap that throws is counted, and the others miss nothing', async () => {
    rig = createRig();
    publish(1);
    const heard: (number | undefined)[] = [];
    await rig.hub.tap('a', () => {
      throw new Error('broken consumer');
    });
    await rig.hub.tap('a', ({ position }) => heard.push(position?.seq));
    const client = rig.connect();
    await rig.follow(client, 'a');
    rig.source.dropNext('a', 1);
    publish(3);
    await turns();
    expect(heard).toEqual([1, 2, 3, 4]);
    expect(client.seqs('a')).toEqual([1, 2, 3, 4]);
    expect(rig.hub.counters.failedTaps).toBe(4);
  });
});

describe('the end of the hub', () => {
  test('[B65] close writes what is owed, releases the layer, and is idempotent', async () => {
    rig = createRig({ minPassMs: 60_000 });
    const client = rig.connect();
    await rig.follow(client, 'a');
    publish(1);
    await until('the first pass', () => client.seqs('a').length === 1);
    publish(2);
    const [first, second] = [rig.hub.close(), rig.hub.close()];
    expect(client.seqs('a')).toEqual([1, 2, 3]);
    await first;
    expect(rig.source.listeners('a')).toBe(0);
    await second;
    rig.source.disconnect();
    expect(client.of('stale')).toEqual([]);
  });

  test('[B65] a second close resolves no earlier than the first', async () => {
    rig = createRig({ fake: { delay: () => turns(1) } });
    await rig.follow(rig.connect(), 'a');
    void rig.hub.close();
    await rig.hub.close();
    expect(rig.source.listeners('a')).toBe(0);
  });

  test('[B65] a subscription that is incomplete when the hub closes ends without a snapshot and without a listener', async () => {
    for (let turn = 0; turn < 6; turn += 1) {
      rig = createRig({ fake: { delay: () => turns(2) } });
      const subscribed = rig.follow(rig.connect(), 'a');
      await turns(turn);
      await rig.hub.close();
      expect(await subscribed).toBeUndefined();
      await until('no listener', () => rig.source.listeners('a') === 0);
    }
  });

  test('[B65] a closed hub rejects new subscriptions', async () => {
    rig = createRig();
    await rig.hub.close();
    expect(await rig.follow(rig.connect(), 'a')).toBeUndefined();
    (await rig.hub.tap('a', () => {}))();
    expect(rig.source.operations.listen).toBe(0);
    expect(rig.hub.channels.size).toBe(0);
  });

  test('[B65] housekeeping timers keep no process alive', () => {
    const before = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    rig = createRig();
    expect(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length).toBe(before);
  });
});
