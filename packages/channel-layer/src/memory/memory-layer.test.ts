import { describe, expect, test } from '@jest/globals';
import type { LayerEvent } from '../layer.js';
import { describeLayerContract } from '../testing/layer-contract.js';
import { createMemoryBus } from './memory-bus.js';
import { createMemoryLayer } from './memory-layer.js';

const shared = createMemoryBus();
describeLayerContract('the memory layer', async (options) => createMemoryLayer({ ...options, bus: shared }), {
  seesMailboxes: true,
});

describe('the memory layer alone', () => {
  test('[L7] keeps messages sent before the first receive of an agreed channel', async () => {
    const layer = createMemoryLayer();
    await layer.send('agreed', { type: 't', n: 1 });
    expect(await layer.receive('agreed')).toEqual({ type: 't', n: 1 });
  });

  test('[L10] any channel may be a member, even one that nobody has opened', async () => {
    const layer = createMemoryLayer();
    await layer.groupAdd('group', 'not-opened');
    await layer.groupSend('group', { type: 't' });
    expect(await layer.receive('not-opened')).toEqual({ type: 't' });
  });

  test('[L10] layers on one bus see each other’s groups, layers on two do not', async () => {
    const bus = createMemoryBus();
    const heard: string[] = [];
    const [one, two, far] = [createMemoryLayer({ bus }), createMemoryLayer({ bus }), createMemoryLayer()];
    await one.groupListen('group', () => heard.push('one'));
    await far.groupListen('group', () => heard.push('far'));
    await two.groupSend('group', { type: 't' });
    expect(heard).toEqual(['one']);
  });

  test('[L9] an expired message on an unread channel is removed when another is read, with its channel', async () => {
    const clock = { nowMs: 0 };
    const bus = createMemoryBus();
    const layer = createMemoryLayer({ bus, expiryMs: 1_000, now: () => clock.nowMs });
    const events: LayerEvent[] = [];
    layer.onEvent((event) => events.push(event));
    await layer.send('unread', { type: 't' });
    clock.nowMs = 1_000;
    await layer.send('other', { type: 't' });
    await layer.receive('other');
    expect(events).toEqual([{ type: 'dropped', channel: 'unread', reason: 'expired', count: 1 }]);
    expect([...bus.channels.keys()]).toEqual(['other']);
    await layer.close();
    expect(bus.channels.size).toBe(0);
  });

  test('[L15] closing leaves nothing of the layer on the bus', async () => {
    const bus = createMemoryBus();
    const layer = createMemoryLayer({ bus });
    const channel = await layer.newChannel();
    await layer.groupAdd('group', channel);
    await layer.groupListen('group', () => {});
    expect(bus.openGroup('group').isEmpty).toBe(false);
    await layer.close();
    expect(bus.channels.size).toBe(0);
    expect(bus.openGroup('group').isEmpty).toBe(true);
  });

  test('[L7] new channels have names as in Channels', async () => {
    const layer = createMemoryLayer({ newId: () => '0'.repeat(32) });
    expect(await layer.newChannel()).toBe(`specific.${'0'.repeat(32)}`);
  });
});
