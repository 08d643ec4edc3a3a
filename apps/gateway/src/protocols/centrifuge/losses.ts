import type { Session } from '@tickwire/hub';

/**
 * Handles losses of a channel for its followers. A client that subscribed is asked, in the stream, to subscribe again;
 * the number of losses shows that its next subscribe is not a mistake. A client that the server subscribed cannot do
 * so: it is closed, and reconnects with its position.
 */
export interface Losses {
  /** Called before the followers are notified. */
  onLost(channel: string): void;
  /** Losses of the channel so far. */
  count(channel: string): number;
  closeOnLoss(channel: string, session: Session): void;
  forget(channel: string, session: Session): void;
}

export const createLosses = (): Losses => {
  const counts = new Map<string, number>();
  const serverSide = new Map<string, Set<Session>>();

  return {
    onLost(channel) {
      counts.set(channel, (counts.get(channel) ?? 0) + 1);
      for (const session of [...(serverSide.get(channel) ?? [])]) session.close('insufficientState');
    },
    count: (channel) => counts.get(channel) ?? 0,
    closeOnLoss(channel, session) {
      const sessions = serverSide.get(channel) ?? new Set();
      serverSide.set(channel, sessions.add(session));
    },
    forget(channel, session) {
      const sessions = serverSide.get(channel);
      sessions?.delete(session);
      if (sessions?.size === 0) serverSide.delete(channel);
    },
  };
};
