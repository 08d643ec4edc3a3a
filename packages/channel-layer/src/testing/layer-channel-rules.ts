import { expect, test } from '@jest/globals';
import { ChannelFull, InvalidMessage, InvalidName } from '../errors.js';
import type { Message } from '../layer.js';
import { createLayers, freshName, type LayerTraits, type MakeLayer, openAgreed, receiveMany } from './layer-harness.js';

/** Names, messages, and channels with one reader. */
export const channelRules = (makeLayer: MakeLayer, traits: LayerTraits): void => {
  test('[L7] [L12 #1] [L12 #34] a message sent to an agreed channel is received, fields intact', async () => {
    await using layers = createLayers(makeLayer);
    const layer = await layers.open();
    const channel = freshName('agreed');
    await openAgreed(layer, channel);
    const message = { type: 'price.tick', s: 'é€😀', n: [1, -1, 1.5, null, true], m: { deep: { er: [] } } };
    await (await layers.open()).send(channel, message);
    expect(await layer.receive(channel)).toEqual(message);
  });

  test('[L7] [L12 #5] [L12 #28] a message sent to a new channel is received', async () => {
    await using layers = createLayers(makeLayer);
    const layer = await layers.open();
    const channel = await layer.newChannel();
    await (await layers.open()).send(channel, { type: 'hello', text: 'world' });
    expect(await layer.receive(channel)).toEqual({ type: 'hello', text: 'world' });
  });

  test('[L7] [L12 #6] [L12 #30] messages are received in the order they were sent', async () => {
    await using layers = createLayers(makeLayer);
    const layer = await layers.open();
    const channel = await layer.newChannel();
    const count = 100;
    for (let n = 0; n < count; n += 1) await layer.send(channel, { type: 't', n });
    const received = await receiveMany(layer, channel, count);
    expect(received.map((message) => message['n'])).toEqual(Array.from({ length: count }, (_, n) => n));
  });

  test('[L7] concurrent sends keep their order too', async () => {
    await using layers = createLayers(makeLayer);
    const layer = await layers.open();
    const channel = await layer.newChannel();
    await Promise.all(Array.from({ length: 50 }, (_, n) => layer.send(channel, { type: 't', n })));
    const received = await receiveMany(layer, channel, 50);
    expect(received.map((message) => message['n'])).toEqual(Array.from({ length: 50 }, (_, n) => n));
  });

  test('[L7] each message goes to the reader that has waited longest', async () => {
    await using layers = createLayers(makeLayer);
    const layer = await layers.open();
    const channel = await layer.newChannel();
    const reads = [layer.receive(channel), layer.receive(channel), layer.receive(channel)];
    for (let n = 0; n < 3; n += 1) await layer.send(channel, { type: 't', n });
    expect((await Promise.all(reads)).map((message) => message['n'])).toEqual([0, 1, 2]);
  });

  test('[L7] [L12 #17] a receive that is aborted at any moment loses no message and blocks no other reader', async () => {
    await using layers = createLayers(makeLayer);
    const layer = await layers.open({ capacity: 30 });
    const channel = await layer.newChannel();
    for (let n = 0; n < 100; n += 1) {
      const abort = new AbortController();
      const read = layer.receive(channel, { signal: abort.signal });
      const sent = layer.send(channel, { type: 't', n });
      // Somewhere between the call and the message's arrival, later each time.
      for (let turn = 0; turn < n % 25; turn += 1) await Promise.resolve();
      abort.abort(new Error('given up'));
      const got = await read.catch((error: Error) => error.message);
      await sent;
      const message = got === 'given up' ? await layer.receive(channel) : (got as Message);
      expect(message['n']).toBe(n);
    }
  });

  test('[L7] [L12 #41] an idle receive ends promptly when it is aborted', async () => {
    await using layers = createLayers(makeLayer);
    const layer = await layers.open();
    const abort = new AbortController();
    const read = layer.receive(await layer.newChannel(), { signal: abort.signal });
    abort.abort(new Error('enough'));
    await expect(read).rejects.toThrow('enough');
  });

  test('[L7] [L12 #18] [L12 #35] new channels have unique names', async () => {
    await using layers = createLayers(makeLayer);
    const pair = [await layers.open(), await layers.open()];
    const names = await Promise.all(Array.from({ length: 200 }, (_, n) => pair[n % 2]?.newChannel()));
    expect(new Set(names).size).toBe(200);
    expect(await pair[0]?.newChannel('mine.')).toMatch(/mine\.[0-9a-f]{32}$/);
  });

  test('[L1] [L12 #7] names that Channels rejects are rejected everywhere', async () => {
    await using layers = createLayers(makeLayer);
    const layer = await layers.open();
    const message = { type: 't' };
    for (const bad of ['=+135!', '¯\\_(ツ)_/¯', '', 'x'.repeat(400)]) {
      await expect(layer.send(bad, message)).rejects.toThrow(InvalidName);
      await expect(layer.receive(bad)).rejects.toThrow(InvalidName);
      await expect(layer.groupSend(bad, message)).rejects.toThrow(InvalidName);
      await expect(layer.groupListen(bad, () => {})).rejects.toThrow(InvalidName);
      await expect(layer.groupAdd(bad, 'channel')).rejects.toThrow(InvalidName);
      await expect(layer.groupAdd('group', bad)).rejects.toThrow(InvalidName);
      await expect(layer.groupDiscard('group', bad)).rejects.toThrow(InvalidName);
    }
    await expect(layer.newChannel('has space')).rejects.toThrow(InvalidName);
  });

  test('[L2] messages that some reader could not read are rejected', async () => {
    await using layers = createLayers(makeLayer);
    const layer = await layers.open();
    for (const bad of [{}, { type: '_x' }, { type: 't', at: new Date() }, { type: 't', a: undefined }, ['t']]) {
      await expect(layer.send('channel', bad as unknown as Message)).rejects.toThrow(InvalidMessage);
      await expect(layer.groupSend('group', bad as unknown as Message)).rejects.toThrow(InvalidMessage);
    }
  });

  if (traits.seesMailboxes === true) seenMailboxRules(makeLayer);
};

const seenMailboxRules = (makeLayer: MakeLayer): void => {
  test('[L8] [L12 #3] the send after the last that fits throws ChannelFull, and stores nothing', async () => {
    await using layers = createLayers(makeLayer);
    const layer = await layers.open({ capacity: 3 });
    const channel = freshName('agreed');
    for (let n = 0; n < 3; n += 1) await layer.send(channel, { type: 't', n });
    await expect(layer.send(channel, { type: 't', n: 3 })).rejects.toThrow(ChannelFull);
    expect((await receiveMany(layer, channel, 3)).map((message) => message['n'])).toEqual([0, 1, 2]);
    await layer.send(channel, { type: 't', n: 4 });
    expect((await layer.receive(channel))['n']).toBe(4);
  });

  test('[L8] [L12 #4] a channel may have a capacity of its own', async () => {
    await using layers = createLayers(makeLayer);
    const layer = await layers.open({ channelCapacity: [['one-*', 1]] });
    const channel = freshName('one');
    await layer.send(channel, { type: 't' });
    await expect(layer.send(channel, { type: 't' })).rejects.toThrow(ChannelFull);
  });

  test('[L9] [L12 #20] [L12 #21] only messages older than the expiry time expire', async () => {
    await using layers = createLayers(makeLayer);
    const clock = { nowMs: 0 };
    const layer = await layers.open({ expiryMs: 3_000, now: () => clock.nowMs });
    const channel = freshName('agreed');
    for (const n of [0, 2, 4]) {
      clock.nowMs = n * 1_000;
      await layer.send(channel, { type: 't', n });
    }
    expect((await receiveMany(layer, channel, 2)).map((message) => message['n'])).toEqual([2, 4]);
    for (const n of [5, 6, 7]) {
      clock.nowMs = n * 1_000;
      await layer.send(channel, { type: 't', n });
    }
    expect((await receiveMany(layer, channel, 3)).map((message) => message['n'])).toEqual([5, 6, 7]);
  });
};
