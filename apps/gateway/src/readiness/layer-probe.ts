import { randomUUID } from 'node:crypto';
import type { GroupLayer } from '@tickwire/channel-layer';
import { fleetGroups } from '@tickwire/fleet';
import { type Clock, createSystemClock } from '@tickwire/protocol';

/**
 * Proves repeatedly that messages published on the layer arrive here: a connection may look fine and receive nothing.
 */
export interface LayerProbe {
  /** How long the last message took through the layer and back; undefined before the first. */
  readonly roundTripMs: number | undefined;
  /** Milliseconds since the last message returned, or since the start. */
  readonly silentMs: number;
  close(): void;
}

export interface LayerProbeOptions {
  readonly layer: Pick<GroupLayer, 'groupListen' | 'groupSend'>;
  /** Unique: part of a group's name. */
  readonly gatewayId: string;
  /** @default 2_000 */
  readonly everyMs?: number;
  /** @default the system's */
  readonly clock?: Clock;
}

/** How long the start waits for the first message; then it continues, not ready. */
const firstMs = 1_000;
/** Number of pending probes remembered: one that takes longer than so many others is lost. */
const maxOnTheirWay = 30;

/** Resolves when the first message has returned. @throws what the layer throws when it cannot subscribe. */
export const openLayerProbe = async (options: LayerProbeOptions): Promise<LayerProbe> => {
  const { layer, gatewayId, everyMs = 2_000, clock = createSystemClock() } = options;
  const group = fleetGroups.probe(gatewayId);
  /** When each probe was sent, by id: a message that somebody else publishes or repeats here proves nothing. */
  const sentAt = new Map<string, number>();
  let heardAt = clock.monotonic();
  let roundTripMs: number | undefined;
  let onFirst: (() => void) | undefined;

  const unlisten = await layer.groupListen(group, ({ id }) => {
    const left = typeof id === 'string' ? sentAt.get(id) : undefined;
    if (typeof id !== 'string' || left === undefined) return;
    sentAt.delete(id);
    heardAt = clock.monotonic();
    roundTripMs = heardAt - left;
    onFirst?.();
  });
  const send = (): void => {
    const id = randomUUID();
    sentAt.set(id, clock.monotonic());
    const [oldest = id] = sentAt.keys();
    if (sentAt.size > maxOnTheirWay) sentAt.delete(oldest);
    // The silence shows that it failed.
    layer.groupSend(group, { type: 'fleet.probe', id }).catch(() => {});
  };
  await new Promise<void>((resolve) => {
    const cancel = clock.after(firstMs, resolve);
    onFirst = () => {
      cancel();
      resolve();
    };
    send();
  });
  let cancelNext: () => void;
  const sendNext = (): void => {
    cancelNext = clock.after(everyMs, () => {
      send();
      sendNext();
    });
  };
  sendNext();

  return {
    get roundTripMs() {
      return roundTripMs;
    },
    get silentMs() {
      return clock.monotonic() - heardAt;
    },
    close() {
      cancelNext();
      // The layer may be closed already; it drops its listeners then.
      unlisten().catch(() => {});
    },
  };
};
