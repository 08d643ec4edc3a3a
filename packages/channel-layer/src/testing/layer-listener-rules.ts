import { expect, test } from '@jest/globals';
import { createRandom, freshSeed } from '@tickwire/protocol/testing';
import type { GroupListener, LayerEvent, Message, Unsubscribe } from '../layer.js';
import { createCollector, createLayers, freshName, type MakeLayer } from './layer-harness.js';

/** `groupListen`: a gateway fans out from it. */
export const listenerRules = (makeLayer: MakeLayer): void => {
  test('[L11] a listener gets every message of its group in order, and none of another', async () => {
    await using layers = createLayers(makeLayer);
    const layer = await layers.open();
    const sender = await layers.open();
    const group = freshName('group');
    const heard = createCollector<Message>();
    await layer.groupListen(group, heard.add);
    for (let n = 0; n < 500; n += 1) {
      const sent = [sender.groupSend(group, { type: 't', n }), sender.groupSend(freshName('other'), { type: 'other' })];
      if (n % 50 === 0) await Promise.all(sent);
    }
    await heard.reached(500);
    expect(heard.items.map((message) => message['n'])).toEqual(Array.from({ length: 500 }, (_, n) => n));
  });

  test('[L11] [L16] a message sent by another layer right after groupListen arrives', async () => {
    await using layers = createLayers(makeLayer);
    const layer = await layers.open();
    const sender = await layers.open();
    for (let n = 0; n < 100; n += 1) {
      const group = freshName('group');
      const heard = createCollector<Message>();
      const leave = await layer.groupListen(group, heard.add);
      await sender.groupSend(group, { type: 't', n });
      await heard.reached(1);
      await leave();
    }
  });

  test('[L11] all listeners of a layer get one object, listeners of two layers separate ones', async () => {
    await using layers = createLayers(makeLayer);
    const layer = await layers.open();
    const group = freshName('group');
    const [first, second] = [createCollector<Message>(), createCollector<Message>()];
    await layer.groupListen(group, first.add);
    await layer.groupListen(group, second.add);
    const message = { type: 't', list: ['a'] };
    await layer.groupSend(group, message);
    await Promise.all([first.reached(1), second.reached(1)]);
    expect(first.items[0]).toBe(second.items[0]);
    expect(first.items[0]).not.toBe(message);
    expect(first.items[0]).toEqual(message);
  });

  test('[L11] a listener that throws, or whose promise rejects, causes an event and stops no other', async () => {
    await using layers = createLayers(makeLayer);
    const layer = await layers.open();
    const group = freshName('group');
    const events = createCollector<LayerEvent>();
    layer.onEvent(events.add);
    const heard = createCollector<Message>();
    await layer.groupListen(group, () => {
      throw new Error('thrown');
    });
    await layer.groupListen(group, rejecting);
    await layer.groupListen(group, heard.add);
    for (let n = 0; n < 2; n += 1) await layer.groupSend(group, { type: 't', n });
    await Promise.all([heard.reached(2), events.reached(4)]);
    expect(events.items.map((event) => event.type === 'listener-failed' && [event.group, String(event.error)])).toEqual(
      expect.arrayContaining([
        [group, 'Error: thrown'],
        [group, 'Error: rejected'],
      ]),
    );
  });

  test('[L11] a removed listener hears nothing; removing is idempotent', async () => {
    await using layers = createLayers(makeLayer);
    const layer = await layers.open();
    const group = freshName('group');
    const [gone, staying] = [createCollector<Message>(), createCollector<Message>()];
    const leave = await layer.groupListen(group, gone.add);
    await layer.groupListen(group, staying.add);
    const left = leave();
    await layer.groupSend(group, { type: 't' });
    await Promise.all([left, leave(), staying.reached(1)]);
    expect(gone.items).toEqual([]);
  });

  test('[L11] listeners may leave and join during a delivery', async () => {
    await using layers = createLayers(makeLayer);
    const layer = await layers.open();
    const group = freshName('group');
    const leaves: Unsubscribe[] = [];
    const [after, joined] = [createCollector<Message>(), createCollector<Message>()];
    const pending: Promise<unknown>[] = [];
    await layer.groupListen(group, (message) => {
      if (message['n'] !== 0) return;
      pending.push(...leaves.map((leave) => leave()), layer.groupListen(group, joined.add));
    });
    leaves.push(await layer.groupListen(group, after.add));
    await layer.groupSend(group, { type: 't', n: 0 });
    await layer.groupSend(group, { type: 't', n: 1 });
    await joined.reached(1);
    await Promise.all(pending);
    expect(after.items).toEqual([]);
    expect(joined.items.map((message) => message['n'])).toContain(1);
    expect(joined.items.map((message) => message['n'])).not.toContain(0);
  });

  test('[L11] a message that a listener sends to its group comes after the message being delivered', async () => {
    await using layers = createLayers(makeLayer);
    const layer = await layers.open();
    const group = freshName('group');
    const heard = createCollector<unknown>();
    const sent: Promise<void>[] = [];
    await layer.groupListen(group, (message) => {
      const n = Number(message['n']);
      if (n < 3) sent.push(layer.groupSend(group, { type: 't', n: n + 1 }));
    });
    await layer.groupListen(group, (message) => heard.add(message['n']));
    await layer.groupSend(group, { type: 't', n: 0 });
    await heard.reached(4);
    await Promise.all(sent);
    expect(heard.items).toEqual([0, 1, 2, 3]);
  });

  for (const seed of [1, 20_260_923, freshSeed()]) {
    test(`[L16] concurrent joins and leaves of the same groups: the last call counts (seed ${seed})`, async () => {
      await using layers = createLayers(makeLayer);
      await joinAndLeaveAtRandom(layers.open, seed);
    });
  }
};

/** TypeScript accepts an async function as a listener. */
const rejecting = (async () => {
  throw new Error('rejected');
}) as GroupListener;

const joinAndLeaveAtRandom = async (open: () => ReturnType<MakeLayer>, seed: number): Promise<void> => {
  const random = createRandom(seed);
  const layer = await open();
  const sender = await open();
  const groups = Array.from({ length: 4 }, () => freshName('group'));
  const channels = await Promise.all(Array.from({ length: 3 }, () => layer.newChannel()));
  const members = new Set<string>();
  const listeners = new Map<string, { heard: Message[]; leave: Promise<Unsubscribe> }[]>(groups.map((g) => [g, []]));
  const pending: Promise<unknown>[] = [];

  for (let step = 0; step < 400; step += 1) {
    const group = random.pick(groups);
    const channel = random.pick(channels);
    const listening = listeners.get(group) ?? [];
    if (random.chance(0.3)) {
      members.add(`${group} ${channel}`);
      pending.push(layer.groupAdd(group, channel));
    } else if (random.chance(0.4)) {
      members.delete(`${group} ${channel}`);
      pending.push(layer.groupDiscard(group, channel));
    } else if (random.chance(0.5)) {
      const heard: Message[] = [];
      const leave = layer.groupListen(group, (message) => heard.push(message));
      pending.push(leave);
      listening.push({ heard, leave });
    } else {
      const left = listening.splice(random.below(listening.length + 1), 1)[0];
      pending.push(left?.leave.then((leave) => leave()) ?? Promise.resolve());
    }
    if (random.chance(0.1)) await Promise.all(pending.splice(0));
    else if (random.chance(0.3)) await Promise.resolve();
  }
  await Promise.all(pending);

  // The listener of each group that shows when its message has arrived.
  const through = createCollector<Message>();
  for (const group of groups) await layer.groupListen(group, through.add);
  for (const [n, group] of groups.entries()) await sender.groupSend(group, { type: 'last', n });
  await through.reached(groups.length);
  for (const [n, group] of groups.entries()) {
    for (const { heard } of listeners.get(group) ?? []) {
      expect(heard.filter((message) => message.type === 'last')).toEqual([{ type: 'last', n }]);
    }
  }
  for (const channel of channels) {
    const expected = groups.flatMap((group, n) => (members.has(`${group} ${channel}`) ? [n] : []));
    const got: unknown[] = [];
    while (got.length < expected.length) got.push((await layer.receive(channel))['n']);
    expect([...got].sort()).toEqual(expected);
    await expectEmpty(layer, channel);
  }
};

const expectEmpty = async (layer: Awaited<ReturnType<MakeLayer>>, channel: string): Promise<void> => {
  const abort = new AbortController();
  const read = layer.receive(channel, { signal: abort.signal });
  // A waiting message is delivered in the turn of the call.
  await Promise.resolve();
  abort.abort(new Error('empty'));
  await expect(read).rejects.toThrow('empty');
};
