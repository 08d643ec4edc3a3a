import { afterEach, describe, expect, it } from '@jest/globals';
import { createMemoryBus, createMemoryLayer } from '@tickwire/channel-layer';
import { fleetGroups, openFleet } from '@tickwire/fleet';
import { createLocalPresence } from './presence.js';
import { openSharedPresence } from './shared-presence.js';

const channel = 'trade.sim.BTC-USD';

interface Timing {
  readonly keepMs?: number;
  readonly answerMs?: number;
  readonly token?: string;
}

describe('clients of a channel over all gateways', () => {
  const bus = createMemoryBus();
  const opened: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of opened.splice(0)) await close();
  });

  const openGateway = async (gatewayId: string, users: readonly string[], timing: Timing = {}) => {
    const layer = createMemoryLayer({ bus });
    const local = createLocalPresence();
    for (const user of users) local.enter(channel, user);
    const { keepMs = 0, ...options } = timing;
    const fleet = await openFleet({ layer, id: gatewayId, beatMs: 20, ...options });
    const presence = openSharedPresence({ fleet, local, keepMs });
    opened.push(async () => {
      presence.close();
      fleet.close();
      await layer.close();
    });
    return { ...presence, peers: fleet.peers, fleet, local, layer };
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
    two.fleet.close();
    await until(() => one.peers.size === 0);
    expect(await one.countClients(channel)).toEqual({ clients: 1, users: 1 });
  });

  it('[CF35] one that says nothing is left out, and forgotten after a while', async () => {
    const one = await openGateway('one', ['ann'], { answerMs: 30 });
    const mute = { type: 'fleet.here', from: 'mute', to: '', topic: '', id: '', body: '', at: 0 };
    await one.layer.groupSend(fleetGroups.everybody, mute);
    await until(() => one.peers.has('mute'));
    expect(await one.countClients(channel)).toEqual({ clients: 1, users: 1 });
    await until(() => one.peers.size === 0);
  });

  it('[CF35] a count is given again for a while, and asked for once', async () => {
    const one = await openGateway('one', ['ann'], { keepMs: 60_000 });
    const two = await openGateway('two', []);
    await until(() => one.peers.size === 1);
    let asked = 0;
    const stop = await two.layer.groupListen(fleetGroups.everybody, ({ type }) => {
      if (type === 'fleet.ask') asked += 1;
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

  it('[CF35] an answer that is not a count is left out', async () => {
    const one = await openGateway('one', ['ann']);
    const two = await openGateway('two', ['bob']);
    await until(() => one.peers.size === 1);
    for (const odd of [{}, { clients: -1, users: [], moreUsers: 0 }, { clients: 1, users: 'all', moreUsers: 0 }]) {
      two.fleet.answer('presence', () => odd);
      expect(await one.countClients(channel)).toEqual({ clients: 1, users: 1 });
      await until(() => one.peers.size === 1);
    }
  });

  it('[CF35] with a token, nobody without it is counted', async () => {
    const token = 'an operator of some kind';
    const one = await openGateway('one', ['ann'], { token });
    const two = await openGateway('two', ['bob'], { token });
    await openGateway('stranger', ['eve']);
    await until(() => one.peers.size === 1 && two.peers.size === 1 && one.fleet.envelope.forged > 0);
    expect(await one.countClients(channel)).toEqual({ clients: 2, users: 2 });
  });

  it('[CF35] users beyond what an answer holds are added as they are', async () => {
    const one = await openGateway('one', []);
    const long = Array.from({ length: 100 }, (_, i) => String(i).padStart(3, '0').repeat(10_000));
    const two = await openGateway('two', long);
    await until(() => one.peers.size === 1 && two.peers.size === 1);
    expect(await one.countClients(channel)).toEqual({ clients: 100, users: 100 });
  });

  it('[CF21] a layer out of reach is an error, not a wrong number', async () => {
    const layer = createMemoryLayer({ bus });
    let isAway = false;
    const fleet = await openFleet({
      layer: {
        groupListen: layer.groupListen,
        groupSend: (group, message) => (isAway ? Promise.reject(new Error('away')) : layer.groupSend(group, message)),
      },
      id: 'one',
    });
    const one = openSharedPresence({ fleet, local: createLocalPresence() });
    opened.push(async () => {
      one.close();
      fleet.close();
      await layer.close();
    });
    await openGateway('two', ['bob']);
    await until(() => fleet.peers.size === 1);
    isAway = true;
    await expect(Promise.resolve(one.countClients(channel))).rejects.toThrow('away');
  });
});
