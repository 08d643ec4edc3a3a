import { afterEach, describe, expect, test } from '@jest/globals';
import { createRig, type Rig, range, turns } from '../testing/index.js';
import { Cohort } from './cohort.js';

let rig: Rig;
afterEach(() => rig.close());

const channels = range(1, 400).map((index) => `c${index}`);

/** How many sets of streams sessions joined meanwhile. */
const countMoves = async (work: () => Promise<void> | void): Promise<number> => {
  const { add } = Cohort.prototype;
  let moves = 0;
  Cohort.prototype.add = function (session) {
    moves += 1;
    add.call(this, session);
  };
  await work();
  Cohort.prototype.add = add;
  return moves;
};

describe('changes of what a session follows', () => {
  test.each([undefined, 100])(
    '[B140] hundreds that come together cost as much as a few, interval %s',
    async (intervalMs) => {
      rig = createRig();
      const client = rig.connect();
      const options = intervalMs === undefined ? {} : { intervalMs };
      const joins = await countMoves(async () => {
        await Promise.all(channels.map((channel) => rig.follow(client, channel, options)));
      });
      expect(client.session.streams).toHaveLength(channels.length);
      expect(joins).toBeLessThan(20);
      const leaves = await countMoves(() => {
        for (const channel of channels) rig.hub.unsubscribe(client.session, channel);
      });
      expect(leaves).toBeLessThan(2);
      expect(client.session.streams).toEqual([]);
    },
  );

  test('[B140] [B30] what is published right after a join, or a leave, is of what was just joined or left', async () => {
    rig = createRig();
    const client = rig.connect();
    for (const channel of channels.slice(0, 50)) {
      await rig.follow(client, channel);
      rig.source.publish(channel);
      rig.hub.unsubscribe(client.session, channel);
      rig.source.publish(channel);
    }
    await turns();
    for (const channel of channels.slice(0, 50)) expect(client.seqs(channel)).toEqual([1]);
  });

  test('[B140] [B22] a slow session counts from the moment of its join', async () => {
    rig = createRig({ maxOutboxBytes: 1_000 });
    const client = rig.connect();
    await rig.follow(client, 'a');
    client.transport.block();
    for (let i = 0; i < 100; i += 1) rig.source.publish('a');
    await turns();
    expect(client.session.isConflated).toBe(true);
    const joined = rig.follow(client, 'b');
    await turns();
    client.unblock();
    await joined;
    for (let i = 0; i < 3; i += 1) rig.source.publish('b');
    await turns();
    const items = client.of('publication').filter(({ channel }) => channel === 'b');
    const received = items.reduce((sum, { skipped = 0 }) => sum + 1 + skipped, 0);
    expect(received).toBe(3);
    expect(client.seqs('b').at(-1)).toBe(3);
  });

  test('[B140] a session that closes before its change is made leaves nothing behind', async () => {
    rig = createRig();
    const [one, other] = [rig.connect(), rig.connect()];
    const both = [rig.follow(one, 'a'), rig.follow(other, 'a')];
    await Promise.all(both);
    one.session.disconnected();
    expect(rig.hub.channels.get('a')?.every.isFollowed).toBe(true);
    rig.source.publish('a');
    await turns();
    expect([one.seqs('a'), other.seqs('a')]).toEqual([[], [1]]);
    other.session.disconnected();
    expect(rig.hub.channels.get('a')?.every.followers.size).toBe(0);
  });
});
