import type { GroupLayer, GroupPublisher, History, Lease } from '@tickwire/channel-layer';
import { createMemoryHistory, createMemoryLayer, createMemoryLease, type Retention } from '@tickwire/channel-layer';
import type { SharedKeys } from './shared-keys.js';
import { createMemorySharedKeys } from './shared-keys.js';
import type { StateStore } from './state-store.js';
import { createNoStateStore } from './state-store.js';

/** Shared by producers and gateways: the channel layer with its history, a lease, state and keys. */
export interface Backend {
  readonly layer: GroupLayer;
  readonly history: History & GroupPublisher;
  /** The lease of one part of the producers. */
  lease(leaseMs: number, part?: string): Lease;
  readonly state: StateStore;
  readonly keys: SharedKeys;
  /** Resolves once what is behind it was reached for the first time. Rejects when it is closed before. */
  untilReached(): Promise<void>;
  close(): Promise<void>;
}

/** For a single process: the data ends with it. */
export const openMemoryBackend = ({ boundsOf }: Pick<Retention, 'boundsOf'>): Backend => {
  const layer = createMemoryLayer();
  return {
    layer,
    history: createMemoryHistory({ publish: (group, message) => void layer.groupSend(group, message), boundsOf }),
    lease: () => createMemoryLease({ owner: 'this process' }),
    state: createNoStateStore(),
    keys: createMemorySharedKeys(),
    untilReached: () => Promise.resolve(),
    close: () => layer.close(),
  };
};
