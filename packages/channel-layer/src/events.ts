import type { LayerEvent } from './layer.js';

type CountedEvent = Extract<LayerEvent, { readonly count: number }>;
/** `Omit` on each member of the union, not on the fields they share. */
type Uncounted<T> = T extends CountedEvent ? Omit<T, 'count'> : never;

/** The reports of a layer about itself. */
export interface LayerEvents {
  on(listener: (event: LayerEvent) => void): () => void;
  emit(event: LayerEvent): void;
  /**
   * Counts one more of these. The first is reported at once. Further ones with the same address and reason are added up
   * and reported once per interval, so that a flood costs its listeners nothing and the sum of all counts is exact.
   */
  count(event: Uncounted<CountedEvent>): void;
  /** Reports what was added up and ends the timer. */
  close(): void;
}

interface Tally {
  readonly event: Uncounted<CountedEvent>;
  unreported: number;
}

export const createLayerEvents = (intervalMs: number): LayerEvents => {
  const listeners = new Set<(event: LayerEvent) => void>();
  const tallies = new Map<string, Tally>();
  let timer: NodeJS.Timeout | undefined;

  const emit = (event: LayerEvent): void => {
    for (const listener of listeners) {
      try {
        listener(event);
      } catch (error) {
        // An event about a failed event listener could repeat forever.
        process.emitWarning(error instanceof Error ? error : String(error));
      }
    }
  };

  const reportUnreported = (): void => {
    for (const [key, tally] of tallies) {
      // An interval without a new one: the next is a first one again and is reported at once.
      if (tally.unreported === 0) tallies.delete(key);
      else emit({ ...tally.event, count: tally.unreported });
      tally.unreported = 0;
    }
    if (tallies.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };

  return {
    on(listener) {
      // A new object: the same listener registered twice can be removed twice.
      const entry = (event: LayerEvent): void => listener(event);
      listeners.add(entry);
      return () => {
        listeners.delete(entry);
      };
    },
    emit,
    count(event) {
      const key = event.type === 'poison' ? `p ${event.address} ${event.reason}` : `d ${event.channel} ${event.reason}`;
      const tally = tallies.get(key);
      if (tally !== undefined) {
        tally.unreported += 1;
        return;
      }
      tallies.set(key, { event, unreported: 0 });
      timer ??= setInterval(reportUnreported, intervalMs).unref();
      emit({ ...event, count: 1 });
    },
    close() {
      reportUnreported();
      tallies.clear();
      clearInterval(timer);
      timer = undefined;
    },
  };
};
