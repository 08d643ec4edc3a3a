import type { Session } from '@tickwire/hub';

export interface LocalClient {
  /** The id in the answer to its connect. */
  readonly id: string;
  /** '' for a client without a name. */
  readonly user: string;
  readonly session: Pick<Session, 'close'>;
  /** Ends its subscription to the channel, if it has one, and notifies it. */
  unsubscribe(channel: string): void;
}

/** The clients of this gateway that speak this protocol, by their users. */
export interface LocalClients {
  /** Returns its undo. */
  add(client: LocalClient): () => void;
  of(user: string): Iterable<LocalClient>;
  readonly users: number;
}

export const createLocalClients = (): LocalClients => {
  const byUser = new Map<string, Set<LocalClient>>();
  return {
    add(client) {
      const clients = byUser.get(client.user) ?? new Set();
      byUser.set(client.user, clients);
      clients.add(client);
      return () => {
        clients.delete(client);
        if (clients.size === 0 && byUser.get(client.user) === clients) byUser.delete(client.user);
      };
    },
    of: (user) => [...(byUser.get(user) ?? [])],
    get users() {
      return byUser.size;
    },
  };
};
