import type { RecentEvents } from '@tickwire/fleet';
import type { Hub, Session } from '@tickwire/hub';
import type { GatewayState } from '@tickwire/protocol';
import type { SessionIds } from '../protocols/client-lives.js';
import { createRates } from './rates.js';

export interface GatewayStatusOptions {
  readonly hub: Pick<Hub, 'sessions' | 'channels' | 'counters'>;
  readonly id: string;
  readonly name: string;
  /** Undefined for a gateway of one process. */
  readonly worker: number | undefined;
  readonly reasons: () => readonly string[];
  readonly loopLagMs: () => number;
  readonly rssBytes: () => number;
  readonly events: Pick<RecentEvents, 'recent'>;
  readonly sessionIds: SessionIds;
}

/** The gateway's report to operators: made on request, from what the hub already holds. */
export interface GatewayStatus {
  read(): GatewayState;
  /** Returns the session with this id, if it is still here. */
  find(sessionId: string): Session | undefined;
}

const maxChannels = 100;
const maxSessions = 20;
const maxFollows = 3;
const maxNameLength = 100;
/** Reasons come from elsewhere, and some are long. */
const maxReasonLength = 300;

export const createGatewayStatus = (options: GatewayStatusOptions): GatewayStatus => {
  const { hub, id, name, worker, reasons, loopLagMs, rssBytes, events, sessionIds } = options;
  const publications = createRates();
  const deliveries = createRates();
  const startedAt = Date.now();

  return {
    read() {
      const sessions = [...hub.sessions];
      publications.keep((channel) => hub.channels.has(channel));
      const channels = [...hub.channels.values()].sort((a, b) => b.users - a.users).slice(0, maxChannels);
      const slow = sessions
        .filter(({ outboxBytes, isConflated, isBlocked }) => outboxBytes > 0 || isConflated || isBlocked)
        .sort((a, b) => Number(b.isConflated) - Number(a.isConflated) || b.outboxBytes - a.outboxBytes);
      // If all keep up, any of them.
      const slowest = (slow.length > 0 ? slow : sessions).slice(0, maxSessions);
      return {
        id,
        name,
        ...(worker !== undefined && { worker }),
        startedAt,
        at: Date.now(),
        reasons: reasons().map((reason) => reason.slice(0, maxReasonLength)),
        connections: sessions.length,
        rssBytes: rssBytes(),
        loopLagMs: loopLagMs(),
        deliveries: hub.counters.deliveries,
        deliveriesPerSecond: deliveries.perSecond('', hub.counters.deliveries) ?? null,
        lost: hub.counters.lost,
        channels: channels.map(({ name: channel, users, isStale, position }) => ({
          channel,
          users,
          isStale,
          rate: (position && publications.perSecond(channel, position.seq)) ?? null,
        })),
        slowest: slowest.map((session) => ({
          id: sessionIds.of(session),
          outboxBytes: session.outboxBytes,
          isConflated: session.isConflated,
          isBlocked: session.isBlocked,
          format: session.format.name,
          streams: session.streams.length,
          follows: session.streams.slice(0, maxFollows).map((stream) => stream.name.slice(0, maxNameLength)),
        })),
        events: [...events.recent()],
      };
    },
    find: (sessionId) => [...hub.sessions].find((session) => sessionIds.isOf(session, sessionId)),
  };
};
