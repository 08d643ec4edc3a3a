import type { ChannelLayer } from '@tickwire/channel-layer';

/** Proves again and again that what is published on the layer arrives here: a connection may look well and be deaf. */
export interface LayerProbe {
  /** How long the last message took through the layer and back; undefined before the first. */
  readonly roundTripMs: number | undefined;
  /** Since the last one came back, or since the start. */
  readonly silentMs: number;
  close(): void;
}

export interface LayerProbeOptions {
  readonly layer: Pick<ChannelLayer, 'groupListen' | 'groupSend'>;
  /** Nobody else's: part of a group's name. */
  readonly gatewayId: string;
  /** @default 2_000 */
  readonly everyMs?: number;
  /** Milliseconds, never back. @default performance.now */
  readonly now?: () => number;
}

/** How long the start waits for the first: then it goes on, and is not ready. */
const firstMs = 1_000;

/** Resolves with the first message back. @throws what the layer throws when it cannot subscribe. */
export const openLayerProbe = async (options: LayerProbeOptions): Promise<LayerProbe> => {
  const { layer, gatewayId, everyMs = 2_000, now = () => performance.now() } = options;
  const group = `tickwire.probe.${gatewayId}`;
  let sentAt = now();
  let heardAt = sentAt;
  let roundTripMs: number | undefined;
  let onFirst: (() => void) | undefined;

  const unlisten = await layer.groupListen(group, () => {
    heardAt = now();
    roundTripMs = heardAt - sentAt;
    onFirst?.();
  });
  const send = (): void => {
    sentAt = now();
    // That it failed shows in the silence.
    layer.groupSend(group, { type: 'gateway.probe' }).catch(() => {});
  };
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, firstMs);
    onFirst = () => {
      clearTimeout(timer);
      resolve();
    };
    send();
  });
  const timer = setInterval(send, everyMs).unref();

  return {
    get roundTripMs() {
      return roundTripMs;
    },
    get silentMs() {
      return now() - heardAt;
    },
    close() {
      clearInterval(timer);
      // The layer may be gone already; it forgets its listeners then.
      unlisten().catch(() => {});
    },
  };
};
