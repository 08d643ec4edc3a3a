import { randomUUID } from 'node:crypto';
import type { Hub, Session } from '@tickwire/hub';
import type { Logger } from '@tickwire/runtime';

/** Ids of sessions, for those that somebody looks at: an id is made when it is first requested. */
export interface SessionIds {
  of(session: Session): string;
  isOf(session: Session, id: string): boolean;
}

export const createSessionIds = (): SessionIds => {
  const ids = new WeakMap<Session, string>();
  return {
    of(session) {
      const id = ids.get(session) ?? randomUUID();
      ids.set(session, id);
      return id;
    },
    isOf: (session, id) => ids.get(session) === id,
  };
};

/**
 * At `debug` the log follows the life of each client by the id of its session, which operators see too. Of the client's
 * own words it contains only names of existing channels: no token, and no forged line. At any other level it costs
 * nothing.
 */
export interface ClientLives {
  opened(session: Session, path: string): void;
  /** `code` is the close code of its socket, if there was one. */
  closed(session: Session, code?: number): void;
  /** Logs an event of its life. */
  note(session: Session, what: string, details?: object): void;
  /** Follows the sessions of a hub from now on; returns the hub to use. */
  watch(hub: Hub): Hub;
  close(): void;
}

interface Life {
  readonly sinceMs: number;
  isSlow: boolean;
}

export interface ClientLivesOptions {
  readonly logger: Pick<Logger, 'debug' | 'isLevelEnabled'>;
  readonly ids: SessionIds;
  /** Milliseconds that never go back. @default performance.now */
  readonly now?: () => number;
}

const maxNames = 20;
/** How often it is checked whether clients are slow. */
const lookMs = 250;
const namesOf = ({ streams }: Session): readonly string[] => streams.slice(0, maxNames).map(({ name }) => name);

export const createClientLives = (options: ClientLivesOptions): ClientLives => {
  const { logger, ids, now = () => performance.now() } = options;
  if (!logger.isLevelEnabled('debug')) return silentLives;
  const lives = new Map<Session, Life>();

  const note = (session: Session, what: string, details: object = {}): void => {
    logger.debug({ session: ids.of(session), ...details }, what);
  };
  const look = (): void => {
    for (const [session, life] of lives) {
      if (session.isConflated === life.isSlow) continue;
      life.isSlow = session.isConflated;
      note(session, life.isSlow ? 'client slow: it gets the newest only' : 'client keeps up again', {
        waitingBytes: session.outboxBytes,
      });
    }
  };
  const timer = setInterval(look, lookMs).unref();

  return {
    opened(session, path) {
      lives.set(session, { sinceMs: now(), isSlow: false });
      note(session, 'client connected', { path });
    },
    closed(session, code) {
      const life = lives.get(session);
      if (life === undefined) return;
      lives.delete(session);
      note(session, 'client gone', {
        ...(code !== undefined && { code }),
        afterMs: Math.round(now() - life.sinceMs),
        followed: namesOf(session),
        streams: session.streams.length,
        isSlow: session.isConflated,
      });
    },
    note,
    watch: (hub) => ({
      ...hub,
      async join(session, requests, ...rest) {
        await hub.join(session, requests, ...rest);
        const joined = session.streams.filter(({ channel }) => channel !== undefined && requests.has(channel));
        if (joined.length === 0) return;
        note(session, 'client subscribed', {
          channels: joined.slice(0, maxNames).map(({ name }) => name),
          streams: session.streams.length,
        });
      },
      unsubscribe(session, channel) {
        const isEnded = hub.unsubscribe(session, channel);
        if (isEnded) note(session, 'client unsubscribed', { channel, streams: session.streams.length });
        return isEnded;
      },
      setStreams(session, streams) {
        hub.setStreams(session, streams);
        note(session, 'client follows', { streams: session.streams.length, followed: namesOf(session) });
      },
    }),
    close: () => clearInterval(timer),
  };
};

export const silentLives: ClientLives = {
  opened() {},
  closed() {},
  note() {},
  watch: (hub) => hub,
  close() {},
};
