import { LayerUnavailable } from '../errors.js';
import type { RedisShards } from './shards.js';

/** One user's claim on a subscription that several users may share. */
export interface Hold {
  /** Resolves when the server has acknowledged the subscription. */
  readonly ready: Promise<void>;
  /** Idempotent; the last one resolves when the server holds no trace of the subscription. */
  release(): Promise<void>;
}

/** Turns any number of users of an address into one SUBSCRIBE and one UNSUBSCRIBE. */
export interface References {
  hold(address: string): Hold;
  /** While an address is lost, new holds on it fail at once: nothing could keep the promise of `ready`. */
  setLost(addresses: readonly string[], isLost: boolean): void;
}

interface Entry {
  holds: number;
  readonly ready: Promise<void>;
  isLost: boolean;
}

export const createReferences = (shards: Pick<RedisShards, 'subscribe' | 'unsubscribe'>): References => {
  const entries = new Map<string, Entry>();

  const subscribe = (address: string): Entry => {
    const entry: Entry = { holds: 0, ready: shards.subscribe(address), isLost: false };
    entries.set(address, entry);
    // A rejected subscription is removed, so that the next hold asks again.
    entry.ready.catch(() => {
      if (entries.get(address) === entry) entries.delete(address);
    });
    return entry;
  };

  return {
    hold(address) {
      const entry = entries.get(address) ?? subscribe(address);
      if (entry.isLost) return lostHold(address);
      entry.holds += 1;
      let isHeld = true;
      return {
        ready: entry.ready,
        async release() {
          if (!isHeld) return;
          isHeld = false;
          entry.holds -= 1;
          if (entry.holds > 0 || entries.get(address) !== entry) return;
          entries.delete(address);
          await shards.unsubscribe(address);
        },
      };
    },
    setLost(addresses, isLost) {
      for (const address of addresses) {
        const entry = entries.get(address);
        if (entry !== undefined) entry.isLost = isLost;
      }
    },
  };
};

const lostHold = (address: string): Hold => {
  const ready = Promise.reject(new LayerUnavailable(`the subscription of ${address} is lost, and being restored`));
  // Handled by its awaiting caller; a caller that stops waiting must not end the process.
  ready.catch(() => {});
  return { ready, release: async () => {} };
};
