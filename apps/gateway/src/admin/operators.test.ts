import { describe, expect, it } from '@jest/globals';
import { createMemoryBus, createMemoryLayer } from '@tickwire/channel-layer';
import { createEnvelope, fleetGroups, openFleet } from '@tickwire/fleet';
import type { GatewayState } from '@tickwire/protocol';
import { waitFor } from '../../../../tests/support/wait-for.js';
import { createOperators } from './operators.js';

const token = 'an operator of some kind';
const stateOf = (id: string): GatewayState => ({
  id,
  name: id,
  at: 1,
  startedAt: 1,
  reasons: [],
  connections: 0,
  rssBytes: 1,
  loopLagMs: 0,
  deliveries: 0,
  deliveriesPerSecond: null,
  lost: 0,
  channels: [],
  slowest: [],
  events: [],
});

describe('what operators see', () => {
  it('[G83] [G84] shows all gateways that sign, this one first, and a command reaches its gateway', async () => {
    const bus = createMemoryBus();
    const commands: string[] = [];
    const open = async (id: string, by: string | undefined = token) => {
      const layer = createMemoryLayer({ bus });
      const fleet = await openFleet({ layer, id, token: by, answerMs: 100 });
      const operators = createOperators({
        fleet,
        producers: { read: () => [] },
        status: () => stateOf(id),
        onCommand: (act, session) => commands.push(`${id} ${act} ${session}`),
      });
      return {
        ...operators,
        fleet,
        layer,
        async [Symbol.asyncDispose]() {
          fleet.close();
          await layer.close();
        },
      };
    };
    await using one = await open('one');
    await using two = await open('two');
    await using stranger = await open('stranger', 'another operator of theirs');
    await waitFor('them', () => one.fleet.peers.size === 1 && two.fleet.peers.size === 1);
    const seen = async (from: typeof one) => (await from.view()).gateways.map(({ id }) => id);
    expect([await seen(one), await seen(two), await seen(stranger)]).toEqual([
      ['one', 'two'],
      ['two', 'one'],
      ['stranger'],
    ]);

    const body = JSON.stringify({ act: 'drain', session: '' });
    const { seal } = createEnvelope({ token: undefined, clock: { wall: Date.now } });
    await stranger.command('two', 'drain', '');
    await one.layer.groupSend(
      fleetGroups.everybody,
      seal({ kind: 'order', from: 'one', to: 'two', topic: 'command', body }),
    );
    await one.fleet.order('two', 'command', '{"act":"explode","session":""}');
    await one.command('two', 'disconnect', '7');
    await one.command('one', 'drain', '');
    await waitFor('the commands', () => commands.length === 2);
    expect(commands).toEqual(['two disconnect 7', 'one drain ']);
  });
});
