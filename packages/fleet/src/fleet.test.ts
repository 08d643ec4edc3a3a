import { afterEach, describe, expect, it } from '@jest/globals';
import { createMemoryBus, createMemoryLayer, type GroupLayer, type Message } from '@tickwire/channel-layer';
import { createManualClock } from '@tickwire/protocol/testing';
import { z } from 'zod';
import { waitFor } from '../../../tests/support/wait-for.js';
import { type Fleet, type FleetOptions, fleetGroups, openFleet } from './fleet.js';

const token = 'an operator of some kind';

describe('a fleet', () => {
  let bus = createMemoryBus();
  const opened: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of opened.splice(0)) await close();
    bus = createMemoryBus();
  });

  const openLayer = (): GroupLayer => {
    const layer = createMemoryLayer({ bus });
    opened.push(() => layer.close());
    return layer;
  };
  const open = async (id: string, options: Partial<FleetOptions> = {}): Promise<Fleet> => {
    const fleet = await openFleet({ layer: openLayer(), id, clock: createManualClock(), ...options });
    opened.unshift(async () => fleet.close());
    return fleet;
  };
  /** Records everything sent to a group, as it is on the wire. */
  const record = async (group: string): Promise<Message[]> => {
    const heard: Message[] = [];
    await openLayer().groupListen(group, (message) => void heard.push(message));
    return heard;
  };
  const meet = (...fleets: readonly Fleet[]): Promise<boolean> =>
    waitFor('all to know each other', () => fleets.every(({ peers }) => peers.size === fleets.length - 1));

  it('[FL3] finds its members at once, and forgets a member that says goodbye', async () => {
    const one = await open('one');
    const two = await open('two', { token: undefined });
    const three = await open('three');
    await meet(one, two, three);
    expect([...one.peers].sort()).toEqual(['three', 'two']);
    two.close();
    await meet(one, three);
  });

  it('[FL3] forgets a member that is silent for three beats, whatever the wall clock does', async () => {
    const clock = createManualClock();
    const one = await open('one', { clock });
    await openLayer().groupSend(fleetGroups.everybody, {
      type: 'fleet.here',
      from: 'mute',
      to: '',
      topic: '',
      id: '',
      body: '',
      at: 0,
    });
    await waitFor('the mute one', () => one.peers.has('mute'));
    clock.stepWall(86_400_000);
    clock.advance(6_000);
    expect(one.peers.has('mute')).toBe(true);
    clock.stepWall(-2 * 86_400_000);
    clock.advance(2_000);
    expect(one.peers.has('mute')).toBe(false);
  });

  it('[FL4] asks all members at once, and each answers once', async () => {
    const [one, two, three] = [
      await open('one', { token }),
      await open('two', { token }),
      await open('three', { token }),
    ];
    await meet(one, two, three);
    two.answer('age', (question) => `two ${question}`);
    three.answer('age', () => 3);
    expect(await one.ask('age', 'now', z.string())).toEqual(['two now']);
    expect(await one.ask('age', 'now', z.union([z.string(), z.number()]))).toHaveLength(2);
    expect(one.envelope.forged).toBe(0);
    // That of three, to the first question.
    expect(one.envelope.misreads).toBe(1);
  });

  it('[FL4] [FL7] a deadline, a leaving member, and its own end resolve a question with the answers received', async () => {
    const clock = createManualClock();
    const one = await open('one', { clock });
    const two = await open('two');
    const three = await open('three');
    await meet(one, two, three);
    const asked = await record(fleetGroups.everybody);
    const count = (): number => asked.filter(({ type }) => type === 'fleet.ask').length;
    two.answer('age', () => 2);

    const late = one.ask('age', '', z.number());
    await waitFor('the question', () => count() === 1);
    const answers = await record(fleetGroups.member('one'));
    clock.advance(500);
    expect((await late).length).toBeLessThanOrEqual(1);

    const shorter = one.ask('age', '', z.number());
    await waitFor('the answer', () => answers.some(({ type }) => type === 'fleet.answer'));
    three.close();
    expect(await shorter).toEqual([2]);

    two.answer('age', () => undefined);
    const last = one.ask('age', '', z.number());
    one.close();
    expect([await last, await one.ask('age', '', z.number()), clock.pending]).toEqual([[], [], 0]);
  });

  it('[FL11] asks one member alone', async () => {
    const [one, two, three] = [await open('one'), await open('two'), await open('three')];
    await meet(one, two, three);
    const shared = await record(fleetGroups.everybody);
    two.answer('age', () => 2);
    three.answer('age', () => 3);
    expect(await one.ask('age', '', z.number(), 'three')).toEqual([3]);
    expect(await one.ask('age', '', z.number(), 'nobody')).toEqual([]);
    expect(shared.filter(({ type }) => type === 'fleet.ask')).toEqual([]);
  });

  it('[FL4] with no other members it asks nobody', async () => {
    const one = await open('one');
    const sent = await record(fleetGroups.everybody);
    expect(await one.ask('age', '', z.number())).toEqual([]);
    expect(sent.filter(({ type }) => type === 'fleet.ask')).toEqual([]);
  });

  it('[FL1] [FL2] an order is carried out only by its target, and only when it is signed', async () => {
    const done: string[] = [];
    const join = async (id: string, options: Partial<FleetOptions>): Promise<Fleet> => {
      const fleet = await open(id, options);
      fleet.obey('drain', (order) => done.push(`${id} ${order}`));
      return fleet;
    };
    const one = await join('one', { token });
    const two = await join('two', { token });
    const open1 = await join('open', {});
    const stranger = await join('stranger', { token: 'another token of theirs' });
    await one.order('two', 'drain', 'first');
    await one.order('one', 'drain', 'itself');
    await open1.order('two', 'drain', 'unsigned');
    await open1.order('open', 'drain', 'unsigned');
    await stranger.order('two', 'drain', 'of a stranger');
    await one.order('two', 'drain', 'last');
    await waitFor('the last', () => done.includes('two last'));
    expect(done).toEqual(['two first', 'one itself', 'two last']);
    expect(two.envelope.forged).toBeGreaterThanOrEqual(2);
  });

  it('[FL1] with a token, a process without it is not a member and does not count', async () => {
    const one = await open('one', { token });
    const stranger = await open('stranger');
    stranger.answer('age', () => 99);
    await waitFor('the rejection', () => one.envelope.forged > 0);
    const two = await open('two', { token });
    two.answer('age', () => 2);
    await waitFor('the other', () => one.peers.size === 1);
    expect(await one.ask('age', '', z.number())).toEqual([2]);
    expect([...one.peers]).toEqual(['two']);
  });

  it('[FL5] a repeated letter is processed once', async () => {
    const layer = openLayer();
    const repeated = new Set<unknown>();
    const repeat = (group: string) => (message: Message) => {
      if (repeated.has(message['mac']) || message['type'] === 'fleet.here') return;
      repeated.add(message['mac']);
      for (let i = 0; i < 5; i += 1) void layer.groupSend(group, message);
    };
    const one = await open('one', { token });
    const two = await open('two', { token });
    await meet(one, two);
    await layer.groupListen(fleetGroups.everybody, repeat(fleetGroups.everybody));
    await layer.groupListen(fleetGroups.member('one'), repeat(fleetGroups.member('one')));
    let looks = 0;
    const orders: string[] = [];
    two.answer('age', () => {
      looks += 1;
      return looks;
    });
    two.obey('drain', (order) => orders.push(order));
    expect(await one.ask('age', '', z.number())).toEqual([1]);
    expect(await one.ask('age', '', z.number())).toEqual([2]);
    await one.order('two', 'drain', 'a');
    await one.order('two', 'drain', 'b');
    await waitFor('the repeats', () => repeated.size === 6 && orders.includes('b'));
    expect([looks, orders, one.envelope.forged, two.envelope.forged]).toEqual([2, ['a', 'b'], 0, 0]);
  });

  it('[FL6] an unreachable layer rejects questions, and beats continue', async () => {
    const layer = openLayer();
    const clock = createManualClock();
    let isAway = false;
    const one = await open('one', {
      clock,
      layer: {
        groupListen: layer.groupListen,
        groupSend: (group, message) => (isAway ? Promise.reject(new Error('away')) : layer.groupSend(group, message)),
      },
    });
    const two = await open('two');
    await meet(one, two);
    isAway = true;
    await expect(one.ask('age', '', z.number())).rejects.toThrow('away');
    await expect(one.order('two', 'drain', '')).rejects.toThrow('away');
    expect(clock.pending).toBe(1);
    clock.advance(2_000);
    isAway = false;
    const beats = await record(fleetGroups.everybody);
    clock.advance(2_000);
    await waitFor('a beat', () => beats.some(({ from }) => from === 'one'));
  });

  it('[FL6] a member that cannot subscribe to everything leaves nothing open', async () => {
    const layer = openLayer();
    const clock = createManualClock();
    let open = 0;
    const broken = {
      groupSend: layer.groupSend,
      groupListen(group: string) {
        if (group === fleetGroups.everybody) return Promise.reject(new Error('away'));
        open += 1;
        return Promise.resolve(() => {
          open -= 1;
          return Promise.resolve();
        });
      },
    };
    await expect(openFleet({ layer: broken, id: 'one', clock })).rejects.toThrow('away');
    expect([open, clock.pending]).toEqual([0, 0]);
  });

  it('[FL8] a message that is not a letter has no effect, and made-up members are bounded', async () => {
    const one = await open('one');
    const layer = openLayer();
    const whole = { type: 'fleet.here', from: 'x', to: '', topic: '', id: '', body: '', at: 0 };
    const odd = [{ from: 7 }, { from: '' }, { type: 'fleet.nothing' }, { body: null }, { at: 'now' }, { mac: 5 }];
    for (const fields of [...odd, { from: 'x'.repeat(201) }, { body: 'x'.repeat(1_000_001) }]) {
      await layer.groupSend(fleetGroups.everybody, { ...whole, ...fields });
      await layer.groupSend(fleetGroups.member('one'), { ...whole, ...fields });
    }
    await layer.groupSend(fleetGroups.everybody, { type: 'x' });
    for (let i = 0; i < 1_100; i += 1) await layer.groupSend(fleetGroups.everybody, { ...whole, from: `made-up-${i}` });
    await waitFor('those made up', () => one.peers.size === 1_000);
    await layer.groupSend(fleetGroups.everybody, { ...whole, type: 'fleet.gone', from: 'made-up-0' });
    await waitFor('one to leave', () => one.peers.size === 999);
    expect(one.peers.has('x')).toBe(false);
    // To both groups, and that of type `x`.
    expect(one.envelope.misreads).toBe(2 * (odd.length + 2) + 1);
  });
});
