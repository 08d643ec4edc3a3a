import type { ChannelLayer } from '@tickwire/channel-layer';

/** Whether new clients should be sent here, and if not, why. */
export interface Readiness {
  /** Empty when ready. */
  reasons(): readonly string[];
  /** From now on not ready: the gateway is about to leave. */
  drain(): void;
  /** Connections that were opened before, as browsers do, may still ask: whoever came in now would be cut off. */
  readonly isDraining: boolean;
  close(): void;
}

export const createReadiness = (layer: Pick<ChannelLayer, 'onEvent'>): Readiness => {
  let isDraining = false;
  let lostReason: string | undefined;
  const stop = layer.onEvent((event) => {
    if (event.type === 'lost') lostReason = event.reason;
    if (event.type === 'restored') lostReason = undefined;
  });
  return {
    reasons() {
      const reasons: string[] = [];
      if (isDraining) reasons.push('draining');
      if (lostReason !== undefined) reasons.push(`channel layer lost: ${lostReason}`);
      return reasons;
    },
    drain() {
      isDraining = true;
    },
    get isDraining() {
      return isDraining;
    },
    close: stop,
  };
};
