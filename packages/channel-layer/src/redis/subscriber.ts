import type { RedisConnection } from './connection.js';
import { createLink, type Link, type LinkOptions } from './link.js';

/** The subscribing side of one server. */
export interface Subscriber {
  start(): Promise<void>;
  /** Resolves when the server has acknowledged. Calls for one address take effect in the order they are made. */
  subscribe(address: string): Promise<void>;
  unsubscribe(address: string): Promise<void>;
  close(): Promise<void>;
}

export interface SubscriberOptions extends Pick<LinkOptions, 'label' | 'open' | 'onMessage' | 'delayMs'> {
  /** At once when the connection is gone: what is published on these from now on is missed. */
  readonly onLost: (addresses: readonly string[], reason: string) => void;
  /** All are acknowledged again, of those lost addresses that are still wanted. */
  readonly onRestored: (addresses: readonly string[], downMs: number) => void;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** Addresses in one SUBSCRIBE after a reconnect. */
const chunkSize = 500;

export const createSubscriber = (options: SubscriberOptions): Subscriber => {
  const { label, open, onMessage, delayMs, onLost, onRestored, now } = options;
  /** What the server should have subscribed, each with its own mark of the `subscribe` that last wanted it. */
  const wanted = new Map<string, symbol>();
  /** What was told as lost and not yet as restored. */
  const lost = new Set<string>();
  let lostAtMs: number | undefined;

  const link: Link = createLink({
    label,
    open,
    onMessage,
    delayMs,
    async prepare(connection) {
      const addresses = [...wanted.keys()];
      const chunks: Promise<void>[] = [];
      for (let start = 0; start < addresses.length; start += chunkSize) {
        chunks.push(connection.subscribe(addresses.slice(start, start + chunkSize)));
      }
      await Promise.all(chunks);
    },
    onDown(reason) {
      const newlyLost = [...wanted.keys()].filter((address) => !lost.has(address));
      for (const address of newlyLost) lost.add(address);
      // A connection that ends before it was restored has lost only what was added meanwhile.
      if (lostAtMs !== undefined && newlyLost.length === 0) return;
      lostAtMs ??= now();
      onLost(newlyLost, reason);
    },
    onUp() {
      if (lostAtMs === undefined) return;
      const downMs = now() - lostAtMs;
      const restored = [...lost].filter((address) => wanted.has(address));
      lost.clear();
      lostAtMs = undefined;
      onRestored(restored, downMs);
    },
  });

  return {
    start: link.start,
    async subscribe(address) {
      const connection = link.current();
      const mark = Symbol(address);
      wanted.set(address, mark);
      try {
        await connection.subscribe([address]);
      } catch (error) {
        // Unless another `subscribe` has come since: that one answers for it.
        if (wanted.get(address) === mark) wanted.delete(address);
        throw error;
      }
    },
    async unsubscribe(address) {
      wanted.delete(address);
      lost.delete(address);
      const connection = currentOf(link);
      // A connection that is gone, or goes now, has taken the subscription with it.
      await connection?.unsubscribe([address]).catch(() => {});
    },
    close: link.close,
  };
};

const currentOf = (link: Link): RedisConnection | undefined => {
  try {
    return link.current();
  } catch {
    return undefined;
  }
};
