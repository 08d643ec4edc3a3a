import { describe, expect, it } from '@jest/globals';
import { createMemoryLayer, type Message } from '@tickwire/channel-layer';
import type { GatewayState } from '@tickwire/protocol';
import { openFleet } from './fleet.js';

const token = 'an operator of some kind';
const stateOf = (id: string): GatewayState => ({
  ...{ id, name: id, at: 1, startedAt: 1, reasons: [], connections: 0, rssBytes: 1, loopLagMs: 0 },
  ...{ deliveries: 0, deliveriesPerSecond: null, lost: 0, channels: [], slowest: [], events: [] },
});

describe('the fleet', () => {
  it('[G84] answers a question once, however often it is repeated, and counts an answer once', async () => {
    const layer = createMemoryLayer();
    let looks = 0;
    let forged = 0;
    const open = (gatewayId: string, status: () => GatewayState) =>
      openFleet({
        ...{ layer, gatewayId, token, status, answerMs: 50, onCommand: () => {} },
        onForged: () => {
          forged += 1;
        },
      });
    const one = await open('one', () => stateOf('one'));
    const two = await open('two', () => {
      looks += 1;
      return stateOf('two');
    });
    const repeated = new Set<unknown>();
    const repeat = (group: string) => (message: Message) => {
      if (repeated.has(message['mac'])) return;
      repeated.add(message['mac']);
      for (let i = 0; i < 5; i += 1) void layer.groupSend(group, message);
    };
    await layer.groupListen('tickwire.admin', repeat('tickwire.admin'));
    await layer.groupListen('tickwire.admin.one', repeat('tickwire.admin.one'));

    for (const turn of [1, 2]) {
      const { gateways } = await one.view();
      expect(gateways.map(({ id }) => id)).toEqual(['one', 'two']);
      expect(looks).toBe(turn);
    }
    expect(repeated.size).toBe(4);
    expect(forged).toBe(0);
    one.close();
    two.close();
    await layer.close();
  });
});
