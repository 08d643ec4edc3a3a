import type { GroupLayer } from '@tickwire/channel-layer';

/** Whether any part of the layer is unreachable. */
export interface LayerLoss {
  /** The reason of the latest loss; undefined once everything is back. */
  readonly reason: string | undefined;
  close(): void;
}

/**
 * Several servers, such as those of a Cluster, return one by one: the first one does not end the loss. Until the last
 * is back and its channels are complete, some of `channels` are lost.
 */
export const watchLayerLoss = (
  layer: Pick<GroupLayer, 'onEvent'>,
  channels: () => Iterable<{ readonly isLost: boolean }>,
): LayerLoss => {
  let reason: string | undefined;
  let isSomeRestored = false;
  const stop = layer.onEvent((event) => {
    if (event.type === 'lost') {
      reason = event.reason;
      isSomeRestored = false;
    }
    if (event.type === 'restored') isSomeRestored = true;
  });
  const isAnyLost = (): boolean => {
    for (const { isLost } of channels()) if (isLost) return true;
    return false;
  };
  return {
    get reason() {
      if (reason !== undefined && isSomeRestored && !isAnyLost()) reason = undefined;
      return reason;
    },
    close: stop,
  };
};
