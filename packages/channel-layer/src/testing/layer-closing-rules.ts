import { expect, test } from '@jest/globals';
import { ChannelReleased, LayerClosed } from '../errors.js';
import type { Message } from '../layer.js';
import { createCollector, createLayers, freshName, type MakeLayer } from './layer-harness.js';

/** The end of a channel, of all channels, and of the layer. */
export const closingRules = (makeLayer: MakeLayer): void => {
  test('[L15] releasing a channel rejects its readers, ends its memberships and drops its messages', async () => {
    await using layers = createLayers(makeLayer);
    const layer = await layers.open();
    const group = freshName('group');
    const [released, other] = [await layer.newChannel(), await layer.newChannel()];
    for (const channel of [released, other]) await layer.groupAdd(group, channel);
    const read = layer.receive(released);
    const rejected = expect(read).rejects.toThrow(ChannelReleased);
    await layer.releaseChannel(released);
    await rejected;
    await layer.releaseChannel(released);
    await layer.groupSend(group, { type: 'to.group' });
    expect(await layer.receive(other)).toEqual({ type: 'to.group' });
  });

  test('[L15] flush removes channels, groups and listeners, and the layer continues', async () => {
    await using layers = createLayers(makeLayer);
    const layer = await layers.open();
    const group = freshName('group');
    const [before, after] = [createCollector<Message>(), createCollector<Message>()];
    const channel = await layer.newChannel();
    await layer.groupAdd(group, channel);
    await layer.groupListen(group, before.add);
    const rejected = expect(layer.receive(channel)).rejects.toThrow(ChannelReleased);
    await layer.flush();
    await rejected;
    const next = await layer.newChannel();
    await layer.groupAdd(group, next);
    await layer.groupListen(group, after.add);
    await layer.groupSend(group, { type: 't' });
    expect(await layer.receive(next)).toEqual({ type: 't' });
    await after.reached(1);
    expect(before.items).toEqual([]);
  });

  test('[L15] flush of one layer does not affect another', async () => {
    await using layers = createLayers(makeLayer);
    const [one, other] = [await layers.open(), await layers.open()];
    const group = freshName('group');
    const heard = createCollector<Message>();
    await other.groupListen(group, heard.add);
    await one.groupListen(group, () => {});
    await one.flush();
    await one.groupSend(group, { type: 't' });
    await heard.reached(1);
  });

  test('[L15] closing rejects pending receives and every later call; it is idempotent', async () => {
    await using layers = createLayers(makeLayer);
    const layer = await layers.open();
    const channel = await layer.newChannel();
    const leave = await layer.groupListen(freshName('group'), () => {});
    const rejected = expect(layer.receive(channel)).rejects.toThrow(LayerClosed);
    await Promise.all([layer.close(), layer.close()]);
    await rejected;
    await layer.close();
    await leave();
    const message = { type: 't' };
    await expect(layer.newChannel()).rejects.toThrow(LayerClosed);
    await expect(layer.send('channel', message)).rejects.toThrow(LayerClosed);
    await expect(layer.receive('channel')).rejects.toThrow(LayerClosed);
    await expect(layer.releaseChannel('channel')).rejects.toThrow(LayerClosed);
    await expect(layer.groupAdd('group', channel)).rejects.toThrow(LayerClosed);
    await expect(layer.groupDiscard('group', channel)).rejects.toThrow(LayerClosed);
    await expect(layer.groupSend('group', message)).rejects.toThrow(LayerClosed);
    await expect(layer.groupListen('group', () => {})).rejects.toThrow(LayerClosed);
    await expect(layer.flush()).rejects.toThrow(LayerClosed);
  });

  test('[L15] listeners of a closed layer hear nothing; those of another continue', async () => {
    await using layers = createLayers(makeLayer);
    const [closing, other] = [await layers.open(), await layers.open()];
    const group = freshName('group');
    const [gone, staying] = [createCollector<Message>(), createCollector<Message>()];
    await closing.groupListen(group, gone.add);
    await other.groupListen(group, staying.add);
    await closing.close();
    await other.groupSend(group, { type: 't' });
    await staying.reached(1);
    expect(gone.items).toEqual([]);
  });

  test('[L15] the layer reports its features, its capacity and its times', async () => {
    await using layers = createLayers(makeLayer);
    const layer = await layers.open();
    expect(layer.extensions).toEqual(['groups', 'flush']);
    expect([layer.capacity, layer.expiryMs, layer.groupExpiryMs]).toEqual([100, 60_000, 86_400_000]);
  });
};
