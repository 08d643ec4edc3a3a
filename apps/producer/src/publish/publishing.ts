import { randomBytes } from 'node:crypto';
import type { GroupLayer, History, Lease } from '@tickwire/channel-layer';
import type { CatalogEntry, Clock } from '@tickwire/protocol';
import { type Logger, type Scope, settledWithin } from '@tickwire/runtime';
import { type Catalog, createCatalog } from './catalog.js';
import { createLeadership, type Leadership } from './leadership.js';
import { createPublisher, type Publisher } from './publisher.js';

export interface PublishingOptions {
  readonly history: History;
  readonly layer: Pick<GroupLayer, 'groupSend'>;
  readonly lease: Lease;
  readonly leaseMs: number;
  readonly maxBuffered: number;
  /** Name of this producer's part; undefined for the part without a name. */
  readonly part: string | undefined;
  /** The instruments of this producer's feed, as known when they are published. */
  readonly entries: () => readonly CatalogEntry[];
  readonly logger: Logger;
  readonly clock: Clock;
}

/** How messages get out: by one leader at a time, with the catalog of what it publishes. */
export interface Publishing {
  readonly publisher: Publisher;
  readonly leadership: Leadership;
  readonly catalog: Catalog;
  /**
   * Begins to lead or to stand by. A producer that joins others stands by and warms up first; with `isFromStart` it
   * publishes all events of its feed in any case, once it leads.
   */
  start(isFromStart: boolean): Promise<void>;
}

/** How long queued messages may take at the end. */
const drainMs = 1_000;

export const createPublishing = (options: PublishingOptions, scope: Scope): Publishing => {
  const { history, layer, lease, leaseMs, maxBuffered, part, entries, logger, clock } = options;
  const publisher = createPublisher({
    history,
    send: layer.groupSend,
    logger,
    maxBuffered,
    standbyMs: leaseMs * 2 + 5_000,
    onFenced: () => leadership.stepDown(),
    clock,
    holdsLease: async (fence) => (await lease.holder())?.token === fence,
    newEpoch: () => randomBytes(6).toString('base64url'),
  });
  const leadership = createLeadership({
    lease,
    leaseMs,
    logger,
    onElected(fence) {
      publisher.lead(fence);
      catalog.publish();
    },
    onDeposed: publisher.standBy,
    onHeld: publisher.leaderIsThere,
  });
  const isLeading = (): boolean => leadership.isLeading;
  const catalog = createCatalog({ publisher, history, logger, part, entries, isLeading, clock });
  scope.own(leadership);
  scope.own({
    async close() {
      // An unreachable Redis must not keep the process from ending.
      await settledWithin(drainMs, publisher.drained());
      publisher.standBy();
    },
  });
  scope.own(catalog);
  return {
    publisher,
    leadership,
    catalog,
    async start(isFromStart) {
      const isNewcomer = !isFromStart && (await catalog.isPublished());
      if (isNewcomer) publisher.standBy();
      await leadership.start(isNewcomer);
      await catalog.start();
    },
  };
};
