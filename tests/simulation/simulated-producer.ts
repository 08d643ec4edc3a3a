import type { Logger } from '@tickwire/runtime';
import { createLeadership, type Leadership } from '../../apps/producer/src/publish/leadership.js';
import { createPublisher, type Publisher } from '../../apps/producer/src/publish/publisher.js';
import type { Trade } from './market.js';
import type { RedisLink } from './redis-link.js';
import type { SimulatedProcess } from './simulated-process.js';

export interface SimulatedProducer {
  readonly process: SimulatedProcess;
  readonly link: RedisLink;
  readonly publisher: Publisher;
  readonly leadership: Leadership;
  /** What its feed brings. */
  hear(trade: Trade): void;
  /** Ends in good order. Resolves when nothing is left to do. */
  close(): Promise<void>;
}

export interface SimulatedProducerOptions {
  readonly process: SimulatedProcess;
  readonly link: RedisLink;
  readonly logger: Logger;
  readonly leaseMs: number;
  readonly maxBuffered: number;
  readonly isNewcomer: boolean;
  readonly newEpoch: () => string;
}

/** The publishing half of a producer, put together as the app does it. */
export const createSimulatedProducer = (options: SimulatedProducerOptions): SimulatedProducer => {
  const { process, link, logger, leaseMs, maxBuffered, isNewcomer, newEpoch } = options;
  const { clock } = process;
  const publisher = createPublisher({
    history: link.history,
    send: link.layer.groupSend,
    logger,
    maxBuffered,
    standbyMs: leaseMs * 2 + 5_000,
    onFenced: () => leadership.stepDown(),
    clock,
    holdsLease: async (fence) => (await link.lease.holder())?.token === fence,
    newEpoch,
  });
  const leadership = createLeadership({
    lease: link.lease,
    leaseMs,
    logger,
    onElected: publisher.lead,
    onDeposed: publisher.standBy,
    onHeld: publisher.leaderIsThere,
  });
  if (isNewcomer) publisher.standBy();
  void leadership.start(isNewcomer);

  return {
    process,
    link,
    publisher,
    leadership,
    hear({ group, id, ts }) {
      publisher.publish(group, { type: 'price.trade', id: String(id), ts, rts: clock.wall() });
    },
    async close() {
      await publisher.drained();
      publisher.standBy();
      await leadership.close();
    },
  };
};
