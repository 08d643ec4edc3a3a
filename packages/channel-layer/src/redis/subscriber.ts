import type { RedisConnection } from './connection.js';
import { createLink, type Link, type LinkOptions } from './link.js';
import { createSubscriptionCommands, maxNames } from './subscription-commands.js';

/** The subscribing side of one server. */
export interface Subscriber {
  start(): Promise<void>;
  /** Resolves when the server has acknowledged. Calls for one address take effect in the order of the calls. */
  subscribe(address: string): Promise<void>;
  unsubscribe(address: string): Promise<void>;
  /** Drops the connection, so that another is opened: this server should not be listened to any more. */
  drop(reason: string): void;
  close(): Promise<void>;
}

export interface SubscriberOptions extends Pick<LinkOptions, 'label' | 'open' | 'onMessage' | 'delayMs'> {
  /**
   * Called at once when the connection is gone: messages published on these from now on are missed. Again, without any,
   * with the reason of a server that rejects this client since.
   */
  readonly onLost: (addresses: readonly string[], reason: string) => void;
  /** All lost addresses that are still wanted are acknowledged again. */
  readonly onRestored: (addresses: readonly string[], downMs: number) => void;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

interface Subscription {
  isAcknowledged: boolean;
}

interface Loss {
  readonly addresses: readonly string[];
  /** What was reported last. */
  reason: string;
  readonly atMs: number;
}

export const createSubscriber = (options: SubscriberOptions): Subscriber => {
  const { label, open, onMessage, delayMs, onLost, onRestored, now } = options;
  /** Addresses that should be subscribed, each with its latest `subscribe` call. */
  const wanted = new Map<string, Subscription>();
  /** Reported as lost and not yet as restored. */
  let loss: Loss | undefined;

  const link: Link = createLink({
    label,
    open,
    onMessage,
    delayMs,
    now,
    async prepare(connection) {
      const addresses = [...wanted.keys()];
      const chunks: Promise<void>[] = [];
      for (let start = 0; start < addresses.length; start += maxNames) {
        chunks.push(connection.subscribe(addresses.slice(start, start + maxNames)));
      }
      await Promise.all(chunks);
    },
    onDown(reason) {
      // A connection that ends during preparation adds nothing: unacknowledged addresses fail themselves.
      if (loss !== undefined) return;
      const addresses = [...wanted].flatMap(([address, { isAcknowledged }]) => (isAcknowledged ? address : []));
      loss = { addresses, reason, atMs: now() };
      onLost(addresses, reason);
    },
    onRejected(reason) {
      if (loss === undefined || loss.reason === reason) return;
      loss.reason = reason;
      onLost([], reason);
    },
    onUp() {
      if (loss === undefined) return;
      const { addresses, atMs } = loss;
      loss = undefined;
      onRestored(
        addresses.filter((address) => wanted.has(address)),
        now() - atMs,
      );
    },
  });

  const commands = createSubscriptionCommands({
    send: async (verb, addresses) => {
      const connection = verb === 'subscribe' ? link.current() : currentOf(link);
      try {
        // A lost connection has ended the subscriptions itself.
        await connection?.[verb](addresses);
      } catch (error) {
        if (verb === 'subscribe') throw error;
        // So does a connection that ends now. One that stays is dropped, because it would continue to deliver unwanted
        // messages.
        if (addresses.length === 1 && connection === currentOf(link)) connection?.drop(reasonOf(error));
        else if (connection === currentOf(link)) throw error;
      }
    },
  });

  return {
    start: link.start,
    async subscribe(address) {
      link.current();
      const subscription: Subscription = { isAcknowledged: false };
      wanted.set(address, subscription);
      try {
        await commands.run('subscribe', address);
        subscription.isAcknowledged = true;
      } catch (error) {
        // Unless another `subscribe` was called since: that one is responsible now.
        if (wanted.get(address) === subscription) wanted.delete(address);
        throw error;
      }
    },
    async unsubscribe(address) {
      wanted.delete(address);
      await commands.run('unsubscribe', address);
    },
    drop: link.drop,
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

const reasonOf = (error: unknown): string =>
  `a subscription could not be ended: ${error instanceof Error ? error.message : String(error)}`;
