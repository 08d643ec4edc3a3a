import { randomUUID } from 'node:crypto';
import type { Hub, Session } from '@tickwire/hub';

export interface GatewayStatusOptions {
  readonly hub: Hub;
  readonly id: string;
  readonly name: string;
  readonly reasons: () => readonly string[];
}

/** What a gateway tells operators: made when they look, from what the hub holds anyway. */
export interface GatewayStatus {
  read(): Readonly<Record<string, unknown>>;
  /** The session an operator means, if it is still here. */
  find(sessionId: string): Session | undefined;
}

const maxChannels = 100;
const maxSessions = 20;

export const createGatewayStatus = ({ hub, id, name, reasons }: GatewayStatusOptions): GatewayStatus => {
  const ids = new WeakMap<Session, string>();
  const seqs = new Map<string, { readonly seq: number; readonly at: number }>();
  const startedAt = Date.now();

  const idOf = (session: Session): string => {
    const known = ids.get(session) ?? randomUUID();
    ids.set(session, known);
    return known;
  };

  /** Publications a second since an operator looked last. */
  const rateOf = (channel: string, seq: number): number | null => {
    const at = performance.now();
    const before = seqs.get(channel);
    seqs.set(channel, { seq, at });
    return before === undefined || seq < before.seq || at <= before.at
      ? null
      : ((seq - before.seq) * 1_000) / (at - before.at);
  };

  return {
    read() {
      const sessions = [...hub.sessions];
      for (const channel of seqs.keys()) if (!hub.channels.has(channel)) seqs.delete(channel);
      const channels = [...hub.channels.values()].sort((a, b) => b.users - a.users).slice(0, maxChannels);
      const slow = sessions
        .filter(({ outboxBytes, isConflated, isBlocked }) => outboxBytes > 0 || isConflated || isBlocked)
        .sort((a, b) => Number(b.isConflated) - Number(a.isConflated) || b.outboxBytes - a.outboxBytes);
      // Where all keep up, some of them.
      const slowest = (slow.length > 0 ? slow : sessions).slice(0, maxSessions);
      return {
        id,
        name,
        startedAt,
        reasons: reasons(),
        connections: sessions.length,
        rssBytes: process.memoryUsage.rss(),
        deliveries: hub.counters.deliveries,
        lost: hub.counters.lost,
        channels: channels.map(({ name: channel, users, isStale, position }) => ({
          ...{ channel, users, isStale },
          rate: position === undefined ? null : rateOf(channel, position.seq),
        })),
        slowest: slowest.map((session) => ({
          id: idOf(session),
          outboxBytes: session.outboxBytes,
          isConflated: session.isConflated,
          isBlocked: session.isBlocked,
          streams: session.streams.length,
        })),
      };
    },
    find: (sessionId) => [...hub.sessions].find((session) => ids.get(session) === sessionId),
  };
};
