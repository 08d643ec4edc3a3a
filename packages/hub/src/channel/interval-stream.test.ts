import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { type Client, createRig, type Rig, range, turns } from '../testing/index.js';
import { advance, stillTimers } from '../testing/still-timers.js';

let rig: Rig;
afterEach(async () => {
  jest.useRealTimers();
  await rig.close();
});

const follow = async (intervalMs: number | undefined, client = rig.connect()): Promise<Client> => {
  await rig.follow(client, 'a', { ...(intervalMs !== undefined && { intervalMs }) });
  await turns();
  return client;
};

describe('an interval', () => {
  test('[B40] brings at most one update per interval, the newest value at its end', async () => {
    stillTimers();
    rig = createRig();
    const client = await follow(100);
    for (let tick = 0; tick < 10; tick += 1) {
      for (let i = 0; i < 7; i += 1) rig.source.publish('a');
      await advance(100);
      expect(client.seqs('a')).toEqual(range(1, tick + 1).map((each) => each * 7));
    }
    await advance(1_000);
    expect(client.seqs('a').length).toBe(10);
  });

  test('[B40] the last value is delivered though nothing follows it', async () => {
    stillTimers();
    rig = createRig();
    const client = await follow(100);
    rig.source.publish('a');
    await advance(60);
    rig.source.publish('a');
    expect(client.seqs('a')).toEqual([]);
    await advance(40);
    expect(client.seqs('a')).toEqual([2]);
  });

  test('[B40] updates never count as skipping publications', async () => {
    stillTimers();
    rig = createRig();
    const client = await follow(100);
    for (let i = 0; i < 9; i += 1) rig.source.publish('a');
    await advance(100);
    expect(client.of('publication').map(({ skipped }) => skipped)).toEqual([0]);
  });

  test('[B41] a session that joins between two updates does not receive its snapshot again', async () => {
    stillTimers();
    rig = createRig();
    const early = await follow(100);
    rig.source.publish('a');
    const late = await follow(100);
    expect(late.seqs('a')).toEqual([1]);
    await advance(100);
    expect(early.seqs('a')).toEqual([1]);
    expect(late.seqs('a')).toEqual([1]);
    rig.source.publish('a');
    await advance(100);
    expect(early.seqs('a')).toEqual([1, 2]);
    expect(late.seqs('a')).toEqual([1, 2]);
  });

  test('[B41] it receives what was published after its snapshot within the same interval', async () => {
    stillTimers();
    rig = createRig();
    const early = await follow(100);
    rig.source.publish('a');
    const late = await follow(100);
    rig.source.publish('a');
    await advance(100);
    expect(early.seqs('a')).toEqual([2]);
    expect(late.seqs('a')).toEqual([1, 2]);
  });

  test('[B41] a session that leaves before it was let in is not let in', async () => {
    stillTimers();
    rig = createRig();
    const early = await follow(100);
    rig.source.publish('a');
    const [gone, unsubscribed] = [await follow(100), await follow(100)];
    gone.session.disconnected();
    expect(rig.hub.unsubscribe(unsubscribed.session, 'a')).toBe(true);
    rig.source.publish('a');
    await advance(100);
    expect(early.seqs('a')).toEqual([2]);
    expect(unsubscribed.seqs('a')).toEqual([1]);
    expect(unsubscribed.session.streams).toEqual([]);
    expect(rig.hub.channels.get('a')?.users).toBe(1);
  });

  test('[B41] subscribing again at the same interval repeats nothing beyond the snapshot', async () => {
    stillTimers();
    rig = createRig();
    const client = await follow(100);
    rig.source.publish('a');
    await follow(100, client);
    await advance(100);
    expect(client.seqs('a')).toEqual([1]);
    rig.source.publish('a');
    await advance(100);
    expect(client.seqs('a')).toEqual([1, 2]);
  });

  test('[B36] a subscription changes its interval by subscribing again', async () => {
    stillTimers();
    rig = createRig();
    const client = await follow(undefined);
    for (let i = 0; i < 3; i += 1) rig.source.publish('a');
    await follow(100, client);
    for (let i = 0; i < 3; i += 1) rig.source.publish('a');
    await advance(100);
    await follow(undefined, client);
    for (let i = 0; i < 3; i += 1) rig.source.publish('a');
    await turns();
    // Each snapshot repeats the newest publication.
    expect(client.seqs('a')).toEqual([1, 2, 3, 3, 6, 6, 7, 8, 9]);
    expect(rig.hub.channels.get('a')?.users).toBe(1);
  });

  test('[B42] all channels at one interval share a timer, which ends with the last follower', async () => {
    stillTimers();
    rig = createRig();
    const timers = jest.getTimerCount();
    const client = rig.connect();
    for (const channel of ['a', 'b', 'c']) await rig.follow(client, channel, { intervalMs: 250 });
    await follow(250);
    expect(jest.getTimerCount()).toBe(timers + 1);
    const other = await follow(500);
    expect(jest.getTimerCount()).toBe(timers + 2);
    other.session.disconnected();
    expect(jest.getTimerCount()).toBe(timers + 1);
    for (const { session } of [...rig.hub.sessions].map((session) => ({ session }))) session.disconnected();
    expect(jest.getTimerCount()).toBe(timers);
  });

  test('[B42] a session that changed its interval while it waited to be let in keeps no timer running', async () => {
    stillTimers();
    rig = createRig();
    const timers = jest.getTimerCount();
    const early = await follow(100);
    rig.source.publish('a');
    const late = await follow(100);
    await follow(300, late);
    early.session.disconnected();
    expect(jest.getTimerCount()).toBe(timers + 1);
  });

  test('[B42] a timer does not outlive the hub', async () => {
    stillTimers();
    rig = createRig();
    await follow(250);
    await rig.close();
    expect(jest.getTimerCount()).toBe(0);
  });

  test('[B43] a notice does not wait for the end of the interval, and the waiting update is sent before it', async () => {
    stillTimers();
    rig = createRig();
    const client = await follow(60_000);
    rig.source.publish('a');
    rig.source.disconnect();
    await turns();
    expect(client.transport.lines().map(({ kind }) => kind)).toEqual(['publication', 'stale']);
    await advance(60_000);
    expect(client.seqs('a')).toEqual([1]);
  });

  test.each([
    { asked: 1, taken: 20 },
    { asked: -5, taken: 20 },
    { asked: 99.6, taken: 100 },
    { asked: 1e9, taken: 60_000 },
  ])('[B44] an interval of $asked ms becomes $taken ms', async ({ asked, taken }) => {
    stillTimers();
    rig = createRig();
    const client = await follow(asked);
    rig.source.publish('a');
    await advance(taken - 1);
    expect(client.seqs('a')).toEqual([]);
    await advance(1);
    expect(client.seqs('a')).toEqual([1]);
  });
});
