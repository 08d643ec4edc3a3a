import { describe, expect, it } from '@jest/globals';
import type { GroupListener, Message } from '@tickwire/channel-layer';
import { createManualClock } from '@tickwire/protocol/testing';
import { openLayerProbe } from './layer-probe.js';

/** A layer that keeps messages until the test releases them. */
const startProbe = async () => {
  const clock = createManualClock();
  const sent: Message[] = [];
  let hear: GroupListener = () => {};
  const opening = openLayerProbe({
    layer: {
      groupListen: (_group, listener) => {
        hear = listener;
        return Promise.resolve(() => Promise.resolve());
      },
      groupSend: (_group, message) => {
        sent.push(message);
        return Promise.resolve();
      },
    },
    gatewayId: 'one',
    clock,
  });
  // The first is sent once the group is heard.
  await new Promise((resolve) => setImmediate(resolve));
  return { clock, sent, opening, hear: (message: Message | undefined) => hear(message ?? { type: 'x' }) };
};

describe('the probe of the layer', () => {
  it('[G131] reports how long each message took, even one that arrives behind later ones', async () => {
    const { clock, sent, opening, hear } = await startProbe();
    clock.advance(5);
    hear(sent[0]);
    const probe = await opening;
    expect([probe.roundTripMs, probe.silentMs]).toEqual([5, 0]);
    clock.advance(4_000);
    expect([sent.length, probe.silentMs]).toEqual([3, 4_000]);
    hear(sent[1]);
    expect([probe.roundTripMs, probe.silentMs]).toEqual([2_000, 0]);
    clock.stepWall(-3_600_000);
    expect(probe.silentMs).toBe(0);
    probe.close();
    expect(clock.pending).toBe(0);
  });

  it('[G131] ignores a message that it did not send, or that arrived before', async () => {
    const { clock, sent, opening, hear } = await startProbe();
    hear({ type: 'fleet.probe', id: 'made up' });
    hear({ type: 'fleet.probe', id: 7 });
    clock.advance(1_000);
    const probe = await opening;
    expect(probe.roundTripMs).toBeUndefined();
    hear(sent[0]);
    clock.advance(10_000);
    hear(sent[0]);
    expect(probe.silentMs).toBe(10_000);
    for (let i = 0; i < 40; i += 1) clock.advance(2_000);
    hear(sent[1]);
    expect(probe.silentMs).toBe(90_000);
    probe.close();
  });
});
