import { describe } from '@jest/globals';
import { channelRules } from './layer-channel-rules.js';
import { closingRules } from './layer-closing-rules.js';
import { groupRules } from './layer-group-rules.js';
import type { LayerTraits, MakeLayer } from './layer-harness.js';
import { listenerRules } from './layer-listener-rules.js';

/** The rules of SPEC.md that every channel layer keeps. A test file may call it for several kinds of layer. */
export const describeLayerContract = (name: string, makeLayer: MakeLayer, traits: LayerTraits = {}): void => {
  describe(`${name} keeps the layer contract`, () => {
    channelRules(makeLayer, traits);
    groupRules(makeLayer, traits);
    listenerRules(makeLayer);
    closingRules(makeLayer);
  });
};
