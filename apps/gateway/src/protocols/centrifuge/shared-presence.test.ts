import { afterEach, describe, expect, it } from '@jest/globals';
import { type ChannelLayer, createMemoryBus, createMemoryLayer } from '@tickwire/channel-layer';
import { createLocalPresence } from './presence.js';
import { openSharedPresence } from './shared-presence.js';

const channel = 'trade.sim.BTC-USD';

describe('clients of a channel over all gateways', () => {
  const bus = createMemoryBus();
  const opened: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of opened.splice(0)) await close();
  });

  const openGateway = async (gatewayId: string, users: readonly string[], timing: object = {}) => {
    const layer = createMemoryLayer({ bus });
    const local = createLocalPresence();
    for (const user of users) local.enter(channel, user);
    const presence = await openSharedPresence({ layer, gatewayId, local, keepMs: 0, beatMs: 20, ...timing });
    opened.push(async () => {
      presence.close();
      await layer.close();
    });
    return { ...presence, local, layer };
  };

  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await new Promise((resolve) => setImmediate(resolve));
  };

  it('[CF35] adds up those of all gateways; a user on two of them is one', async () => {
    const one = await openGateway('one', ['', 'ann', 'ann']);
    const two = await openGateway('two', ['ann', 'bob']);
    const three = await openGateway('three', ['']);
    await until(() => [one, two, three].every(({ peers }) => peers.size === 2));
    for (const gateway of [one, two, three])
      expect(await gateway.countClients(channel)).toEqual({ clients: 6, users: 3 });
    expect(await two.countClients('trade.sim.ETH-USD')).toEqual({ clients: 0, users: 0 });
  });

  it('[CF35] one that leaves counts no more, at once', async () => {
    const one = await openGateway('one', ['ann']);
    const two = await openGateway('two', ['bob']);
    await until(() => one.peers.size === 1 && two.peers.size === 1);
    two.close();
    await until(() => one.peers.size === 0);
    expect(await one.countClients(channel)).toEqual({ clients: 1, users: 1 });
  });

  it('[CF35] one that says nothing is left out, and forgotten after a while', async () => {
    const one = await openGateway('one', ['ann'], { answerMs: 30 });
    await one.layer.groupSend('tickwire.gateways', { type: 'gateway.here', gateway: 'mute' });
    await until(() => one.peers.has('mute'));
    expect(await one.countClients(channel)).toEqual({ clients: 1, users: 1 });
    await until(() => one.peers.size === 0);
  });

  it('[CF35] a count is given again for a while, and asked for once', async () => {
    const one = await openGateway('one', ['ann'], { keepMs: 60_000 });
    const two = await openGateway('two', []);
    await until(() => one.peers.size === 1);
    let asked = 0;
    const stop = await two.layer.groupListen('tickwire.gateways', ({ type }) => {
      if (type === 'gateway.count') asked += 1;
    });
    const counts = await Promise.all([one.countClients(channel), one.countClients(channel)]);
    await one.countClients(channel);
    expect(counts).toEqual([
      { clients: 1, users: 1 },
      { clients: 1, users: 1 },
    ]);
    expect(asked).toBe(1);
    await stop();
  });

  it('[CF35] what others send there does no harm', async () => {
    const one = await openGateway('one', ['ann']);
    const two = await openGateway('two', ['bob']);
    await until(() => one.peers.size === 1);
    const odd = [{}, { gateway: 7 }, { gateway: 'x', ask: 'y' }, { type: 'gateway.count', gateway: 'x' }];
    for (const fields of odd) {
      await two.layer.groupSend('tickwire.gateways', { type: 'gateway.here', ...fields, gateway: null });
      await two.layer.groupSend('tickwire.gateway.one', { type: 'gateway.counted', ...fields });
    }
    expect(await one.countClients(channel)).toEqual({ clients: 2, users: 2 });
  });

  it('[CF21] a layer out of reach is an error, not a wrong number', async () => {
    const layer: Pick<ChannelLayer, 'groupListen' | 'groupSend'> = createMemoryLayer({ bus });
    let isAway = false;
    const local = createLocalPresence();
    const one = await openSharedPresence({
      layer: {
        groupListen: layer.groupListen,
        groupSend: (group, message) => (isAway ? Promise.reject(new Error('away')) : layer.groupSend(group, message)),
      },
      gatewayId: 'one',
      local,
    });
    opened.push(async () => one.close());
    await openGateway('two', ['bob']);
    await until(() => one.peers.size === 1);
    isAway = true;
    await expect(Promise.resolve(one.countClients(channel))).rejects.toThrow('away');
  });
});
