/** The followers of a channel, as far as they are known. */
export interface PresenceStats {
  /** Connections. */
  readonly clients: number;
  /** Number of different users; all clients without a name count as one. */
  readonly users: number;
}

/** Returns the numbers for `presence_stats`. */
export type CountClients = (channel: string) => PresenceStats | Promise<PresenceStats>;

/** The clients of this gateway that speak this protocol, by channel and user. */
export interface LocalPresence {
  enter(channel: string, user: string): void;
  leave(channel: string, user: string): void;
  readonly countClients: (channel: string) => PresenceStats;
  /** Different users; '' for all clients without a name. */
  users(channel: string): Iterable<string>;
  /** Channels with a client. */
  channels(): Iterable<string>;
}

export const createLocalPresence = (): LocalPresence => {
  const channels = new Map<string, Map<string, number>>();

  return {
    enter(channel, user) {
      const users = channels.get(channel) ?? new Map<string, number>();
      channels.set(channel, users);
      users.set(user, (users.get(user) ?? 0) + 1);
    },
    leave(channel, user) {
      const users = channels.get(channel);
      const left = (users?.get(user) ?? 0) - 1;
      if (users === undefined || left < 0) return;
      if (left > 0) users.set(user, left);
      else users.delete(user);
      if (users.size === 0) channels.delete(channel);
    },
    countClients(channel) {
      const users = channels.get(channel) ?? new Map<string, number>();
      let clients = 0;
      for (const connections of users.values()) clients += connections;
      return { clients, users: users.size };
    },
    users: (channel) => channels.get(channel)?.keys() ?? [],
    channels: () => channels.keys(),
  };
};
