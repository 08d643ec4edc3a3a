import { createMemoryHistory, createMemoryLayer, createMemoryLease, type Retention } from '@tickwire/channel-layer';
import type { Backend } from './backend.js';
import { createMemorySharedKeys } from './shared-keys.js';
import { createNoStateStore } from './state-store.js';

/** For a process that shares with no other: nothing outlives it. */
export const openMemoryBackend = ({ boundsOf }: Pick<Retention, 'boundsOf'>): Backend => {
  const layer = createMemoryLayer();
  return {
    layer,
    history: createMemoryHistory({ publish: (group, message) => void layer.groupSend(group, message), boundsOf }),
    lease: () => createMemoryLease({ owner: 'this process' }),
    state: createNoStateStore(),
    keys: createMemorySharedKeys(),
    close: () => layer.close(),
  };
};
