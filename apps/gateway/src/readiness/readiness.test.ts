import { describe, expect, it } from '@jest/globals';
import type { LayerEvent } from '@tickwire/channel-layer';
import { watchLayerLoss } from './layer-loss.js';
import { createReadiness } from './readiness.js';

const openReadiness = () => {
  const channels = new Map([
    ['a', { isLost: false }],
    ['b', { isLost: false }],
  ]);
  let emit: (event: LayerEvent) => void = () => {};
  const layer = {
    onEvent(listener: (event: LayerEvent) => void) {
      emit = listener;
      return () => {};
    },
  };
  const { reasons } = createReadiness({
    layerLoss: watchLayerLoss(layer, () => channels.values()),
    probe: { roundTripMs: 1, silentMs: 0 },
    tickAge: { ageMs: 0 },
    overload: { reason: undefined, lagMs: 0, rssBytes: 0, sharedRssBytes: 0 },
    catalogCheck: { reason: undefined },
    connections: () => 0,
    maxTickAgeMs: 0,
  });
  const lose = (name: string): void => {
    channels.set(name, { isLost: true });
    emit({ type: 'lost', groups: [name], reason: 'gone' });
  };
  const restore = (name: string): void => emit({ type: 'restored', groups: [name], downMs: 1 });
  const complete = (name: string) => channels.set(name, { isLost: false });
  return { reasons, lose, restore, complete };
};

describe('readiness', () => {
  it('[GL18] is ready again when the last server is back and its channels are complete', () => {
    const { reasons, lose, restore, complete } = openReadiness();
    expect(reasons()).toEqual([]);
    lose('a');
    lose('b');
    restore('a');
    complete('a');
    expect(reasons()).toEqual(['channel layer lost: gone']);
    restore('b');
    expect(reasons()).toEqual(['channel layer lost: gone']);
    complete('b');
    expect(reasons()).toEqual([]);
  });

  it('[GL18] without followed channels the connection is enough', () => {
    const { reasons, lose, restore, complete } = openReadiness();
    lose('a');
    complete('a');
    expect(reasons()).toEqual(['channel layer lost: gone']);
    restore('a');
    expect(reasons()).toEqual([]);
  });
});
