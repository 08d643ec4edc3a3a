import type { RedisConnection } from './connection.js';
import { createLink, type Link, type LinkOptions } from './link.js';
import { createSubscriptionCommands, maxNames } from './subscription-commands.js';

/** The subscribing side of one server. */
export interface Subscriber {
  start(): Promise<void>;
  /** Resolves when the server has acknowledged. Calls for one address take effect in the order they are made. */
  subscribe(address: string): Promise<void>;
  unsubscribe(address: string): Promise<void>;
  /** Breaks the connection off, so that another is opened: the server is not the one to listen to any more. */
  drop(reason: string): void;
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

interface Subscription {
  isAcknowledged: boolean;
}

interface Loss {
  readonly addresses: readonly string[];
  readonly atMs: number;
}

export const createSubscriber = (options: SubscriberOptions): Subscriber => {
  const { label, open, onMessage, delayMs, onLost, onRestored, now } = options;
  /** What the server should have subscribed, each with the `subscribe` that wanted it last. */
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
      // One that ends while it is being prepared adds nothing: what it has not acknowledged fails by itself.
      if (loss !== undefined) return;
      const addresses = [...wanted].flatMap(([address, { isAcknowledged }]) => (isAcknowledged ? address : []));
      loss = { addresses, atMs: now() };
      onLost(addresses, reason);
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
        // A connection that is gone has taken the subscriptions with it.
        await connection?.[verb](addresses);
      } catch (error) {
        if (verb === 'subscribe') throw error;
        // One that goes now does the same. One that stays would go on with what nobody wants: it has to go.
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
        // Unless another `subscribe` has come since: that one answers for it.
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
