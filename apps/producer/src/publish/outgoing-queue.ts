import type { Message } from '@tickwire/channel-layer';

export interface Outgoing {
  readonly group: string;
  readonly message: Message;
  /** When it was queued, by the producer's clock. */
  readonly receivedAt: number;
}

/**
 * Messages on their way out, oldest first. Bounded: the newest are kept, and those that no longer fit go to
 * `onDropped`.
 */
export interface OutgoingQueue {
  readonly size: number;
  push(outgoing: Outgoing): void;
  /** Removes and returns the oldest, at most `count`. */
  take(count: number): Outgoing[];
  /** Puts them before all others. */
  putBack(outgoing: readonly Outgoing[]): void;
  /** Returns all waiting messages, oldest first. */
  peek(): readonly Outgoing[];
  /** Keeps only messages for which `keep` returns true. */
  filter(keep: (outgoing: Outgoing) => boolean): void;
}

export const createOutgoingQueue = (maxSize: number, onDropped: (outgoing: Outgoing) => void): OutgoingQueue => {
  let items: Outgoing[] = [];
  /** Index of the oldest message. Advancing it costs nothing; `shift` would move all others. */
  let first = 0;

  const compact = (): void => {
    if (first < 1_024 || first * 2 < items.length) return;
    items = items.slice(first);
    first = 0;
  };

  return {
    get size() {
      return items.length - first;
    },
    push(outgoing) {
      items.push(outgoing);
      if (items.length - first <= maxSize) return;
      const dropped = items[first];
      first += 1;
      compact();
      if (dropped !== undefined) onDropped(dropped);
    },
    take(count) {
      const taken = items.slice(first, first + count);
      first += taken.length;
      compact();
      return taken;
    },
    putBack(outgoing) {
      items = [...outgoing, ...items.slice(first)];
      first = 0;
    },
    peek: () => items.slice(first),
    filter(keep) {
      items = items.slice(first).filter(keep);
      first = 0;
    },
  };
};
