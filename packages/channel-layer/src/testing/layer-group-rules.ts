import { expect, test } from '@jest/globals';
import type { LayerEvent } from '../layer.js';
import type { ChannelLayer } from '../mailbox/mailboxes.js';
import {
  createCollector,
  createLayers,
  droppedCount,
  freshName,
  type LayerContractOptions,
  type Layers,
  type LayerTraits,
  type MakeLayer,
  receiveMany,
} from './layer-harness.js';

/** Groups of channels. */
export const groupRules = (makeLayer: MakeLayer, { carriesBytes = true }: LayerTraits): void => {
  test('[L10] [L12 #9] [L12 #32] members get a group’s message, one that was discarded does not', async () => {
    await using layers = createLayers(makeLayer);
    const layer = await layers.open();
    const group = freshName('group');
    const channels = await addMembers(layer, group, 3);
    const [first = '', discarded = '', last = ''] = channels;
    await layer.groupDiscard(group, discarded);
    await layer.groupSend(group, { type: 'to.group' });
    // Members of one layer are served together: if the discarded member were still served, it would have been by now.
    expect([await layer.receive(first), await layer.receive(last)]).toEqual([
      { type: 'to.group' },
      { type: 'to.group' },
    ]);
    await layer.send(discarded, { type: 'to.channel' });
    expect(await layer.receive(discarded)).toEqual({ type: 'to.channel' });
  });

  test('[L10] [L12 #12] [L12 #33] channels made by one layer with one prefix are separate members', async () => {
    await using layers = createLayers(makeLayer);
    const layer = await layers.open();
    const group = freshName('group');
    const channels = await addMembers(layer, group, 3, 'same.');
    await layer.groupSend(group, { type: 't' });
    for (const channel of channels) expect(await layer.receive(channel)).toEqual({ type: 't' });
  });

  for (const members of [1, 10, 100]) {
    test(`[L10] [L12 #13] ${members} members in ${members} groups all get all of their messages`, async () => {
      await using layers = createLayers(makeLayer);
      const layer = await layers.open();
      const groups = Array.from({ length: members }, () => freshName('group'));
      const channels = await Promise.all(groups.map(() => layer.newChannel()));
      await Promise.all(groups.flatMap((group) => channels.slice(0, 10).map((name) => layer.groupAdd(group, name))));
      await Promise.all(groups.map((group, n) => layer.groupSend(group, { type: 't', n })));
      for (const channel of channels.slice(0, 10)) {
        const received = await receiveMany(layer, channel, members);
        expect(new Set(received.map((message) => message['n'])).size).toBe(members);
      }
    });
  }

  test('[L10] adding twice is adding once; discarding a stranger, or before any add, is nothing [L12 #43]', async () => {
    await using layers = createLayers(makeLayer);
    const layer = await layers.open();
    const group = freshName('group');
    const channel = await layer.newChannel();
    await layer.groupDiscard(group, channel);
    await layer.groupDiscard(group, 'never.seen');
    await Promise.all([layer.groupAdd(group, channel), layer.groupAdd(group, channel)]);
    await layer.groupSend(group, { type: 't', n: 1 });
    expect((await layer.receive(channel))['n']).toBe(1);
    await layer.groupDiscard(group, channel);
    await layer.groupSend(group, { type: 't', n: 2 });
    await layer.groupAdd(group, channel);
    await layer.groupSend(group, { type: 't', n: 3 });
    expect((await layer.receive(channel))['n']).toBe(3);
  });

  test('[L10] [L16] a group message sent by another layer right after groupAdd arrives', async () => {
    await using layers = createLayers(makeLayer);
    const layer = await layers.open();
    const sender = await layers.open();
    const channel = await layer.newChannel();
    for (let n = 0; n < 100; n += 1) {
      const group = freshName('group');
      await layer.groupAdd(group, channel);
      await sender.groupSend(group, { type: 't', n });
      expect((await layer.receive(channel))['n']).toBe(n);
      await layer.groupDiscard(group, channel);
    }
  });

  test('[L8] [L12 #10] [L12 #16] sending to a group with a full member raises nothing', async () => {
    await using layers = createLayers(makeLayer);
    const layer = await layers.open({ capacity: 1 });
    const group = freshName('group');
    await addMembers(layer, group, 1);
    for (let n = 0; n < 5; n += 1) await layer.groupSend(group, { type: 't', n });
  });

  test('[L8] [L12 #14] [L12 #15] a full member keeps the newest, the others keep all, and the drops are counted', async () => {
    await using layers = createLayers(makeLayer);
    const layer = await layers.open({ channelCapacity: [['*small.*', 3]], eventIntervalMs: 10 });
    const events = collectEvents(layer);
    const group = freshName('group');
    const [small = ''] = await addMembers(layer, group, 1, 'small.');
    const [large = ''] = await addMembers(layer, group, 1, 'large.');
    for (let n = 0; n < 9; n += 1) await layer.groupSend(group, { type: 't', n });
    expect((await receiveMany(layer, large, 9)).map((message) => message['n'])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect((await receiveMany(layer, small, 3)).map((message) => message['n'])).toEqual([6, 7, 8]);
    await layer.close();
    expect(droppedCount(events, small)).toBe(6);
    expect(droppedCount(events, large)).toBe(0);
  });

  test('[L9] [L12 #22] [L12 #23] messages of a group expire per member, and are counted', async () => {
    await using layers = createLayers(makeLayer);
    const { layer, clock, send } = await openWithClock(layers, { expiryMs: 3_000 });
    const events = collectEvents(layer);
    const group = freshName('group');
    const [slow = '', quick = ''] = await addMembers(layer, group, 2);
    for (const n of [0, 2, 4]) {
      clock.nowMs = n * 1_000;
      await send(group, n);
      if (n === 2) expect((await receiveMany(layer, quick, 2)).map((message) => message['n'])).toEqual([0, 2]);
    }
    expect((await receiveMany(layer, slow, 2)).map((message) => message['n'])).toEqual([2, 4]);
    expect((await layer.receive(quick))['n']).toBe(4);
    expect(droppedCount(events, slow, 'expired')).toBe(1);
    expect(droppedCount(events, quick, 'expired')).toBe(0);
  });

  test('[L10] a membership ends when it is not renewed in time', async () => {
    await using layers = createLayers(makeLayer);
    const { layer, clock, send } = await openWithClock(layers, { groupExpiryMs: 1_000 });
    const group = freshName('group');
    const [renewed = '', lapsed = ''] = await addMembers(layer, group, 2);
    await send(group, 0);
    clock.nowMs = 999;
    await layer.groupAdd(group, renewed);
    await send(group, 1);
    clock.nowMs = 1_000;
    await send(group, 2);
    expect((await receiveMany(layer, renewed, 3)).map((message) => message['n'])).toEqual([0, 1, 2]);
    expect((await receiveMany(layer, lapsed, 2)).map((message) => message['n'])).toEqual([0, 1]);
    await layer.groupAdd(group, lapsed);
    await send(group, 3);
    expect((await layer.receive(lapsed))['n']).toBe(3);
  });

  test('[L13] every member gets its own message object', async () => {
    await using layers = createLayers(makeLayer);
    const layer = await layers.open();
    const group = freshName('group');
    const [first = '', second = ''] = await addMembers(layer, group, 2);
    const list = ['a'];
    await layer.groupSend(group, { type: 't', list });
    list.push('changed by the sender');
    const mine = await layer.receive(first);
    (mine['list'] as string[]).push('changed by a member');
    expect((await layer.receive(second))['list']).toEqual(['a']);
  });

  if (!carriesBytes) return;
  test('[L13] bytes in a message belong to the member too', async () => {
    await using layers = createLayers(makeLayer);
    const layer = await layers.open();
    const group = freshName('group');
    const [first = '', second = ''] = await addMembers(layer, group, 2);
    const bytes = Uint8Array.of(1, 2, 3);
    await layer.groupSend(group, { type: 't', bytes });
    bytes[0] = 99;
    const mine = await layer.receive(first);
    (mine['bytes'] as Uint8Array).fill(77);
    expect([...((await layer.receive(second))['bytes'] as Uint8Array)]).toEqual([1, 2, 3]);
  });
};

const addMembers = async (layer: ChannelLayer, group: string, count: number, prefix?: string): Promise<string[]> => {
  const channels = await Promise.all(Array.from({ length: count }, () => layer.newChannel(prefix)));
  await Promise.all(channels.map((channel) => layer.groupAdd(group, channel)));
  return channels;
};

const collectEvents = (layer: ChannelLayer): readonly LayerEvent[] => {
  const events: LayerEvent[] = [];
  layer.onEvent((event) => events.push(event));
  return events;
};

interface WithClock {
  readonly layer: ChannelLayer;
  readonly clock: { nowMs: number };
  /** Resolves when the layer's members have received it: listeners and members are served in one turn. */
  send(group: string, n: number): Promise<void>;
}

const openWithClock = async (layers: Layers, options: LayerContractOptions): Promise<WithClock> => {
  const clock = { nowMs: 0 };
  const layer = await layers.open({ ...options, eventIntervalMs: 10, now: () => clock.nowMs });
  const heard = createCollector<unknown>();
  const listening = new Set<string>();
  let sent = 0;
  return {
    layer,
    clock,
    async send(group, n) {
      if (!listening.has(group)) await layer.groupListen(group, heard.add);
      listening.add(group);
      await layer.groupSend(group, { type: 't', n });
      sent += 1;
      await heard.reached(sent);
    },
  };
};
