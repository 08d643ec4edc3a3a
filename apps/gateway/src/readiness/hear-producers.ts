import type { GroupLayer } from '@tickwire/channel-layer';
import { type Envelope, fleetGroups } from '@tickwire/fleet';
import type { Hub } from '@tickwire/hub';
import { type Clock, createSystemClock, type HeardProducer } from '@tickwire/protocol';
import { createProducerBoard, type ProducerBoard } from './producer-board.js';

export interface HearProducersOptions {
  readonly layer: Pick<GroupLayer, 'groupListen'>;
  readonly envelope: Pick<Envelope, 'open' | 'reject'>;
  readonly hub: Pick<Hub, 'setAside'>;
  /** @default the system's */
  readonly clock?: Clock;
}

/** What producers report, for operators and for clients. */
export interface Producers extends Pick<ProducerBoard, 'read'> {
  close(): void;
}

/**
 * Clients learn of channels on which a leader cannot publish, as where somebody raised the fence: nothing in the
 * channel's own history shows that. A standby does not know. A leader that falls silent changes nothing.
 *
 * @throws what the layer throws when it cannot subscribe.
 */
export const hearProducers = async (options: HearProducersOptions): Promise<Producers> => {
  const { layer, envelope, hub, clock = createSystemClock() } = options;
  const { hear, read } = createProducerBoard({ envelope, clock });

  /** Where a leader signs, what others report without a signature counts for nothing. */
  const leaders = (): readonly HeardProducer[] => {
    const leading = read().filter(({ isLeading }) => isLeading);
    const verified = leading.filter(({ isVerified }) => isVerified);
    return verified.length > 0 ? verified : leading;
  };

  const unlisten = await layer.groupListen(fleetGroups.producers, (message) => {
    hear(message);
    const heard = leaders();
    if (heard.length > 0) hub.setAside(new Set(heard.flatMap(({ setAside = [] }) => setAside)));
  });
  return {
    read,
    close() {
      // An unreachable layer must not delay the close.
      unlisten().catch(() => {});
    },
  };
};
