import type { Session } from '@tickwire/hub';
import type { Logger } from '@tickwire/runtime';

/** At `debug` the life of each client can be followed by the number of its session. Nothing it sent is in it. */
export interface LifeLog {
  opened(session: Session, path: string): void;
  /** `code` is what the socket was closed with. */
  closed(session: Session, code: number): void;
}

interface Life {
  readonly id: number;
  readonly sinceMs: number;
}

export const createLifeLog = (logger: Pick<Logger, 'debug' | 'isLevelEnabled'>, now: () => number): LifeLog => {
  const lives = new WeakMap<Session, Life>();
  let lastId = 0;
  return {
    opened(session, path) {
      if (!logger.isLevelEnabled('debug')) return;
      lastId += 1;
      lives.set(session, { id: lastId, sinceMs: now() });
      logger.debug({ session: lastId, path }, 'client connected');
    },
    closed(session, code) {
      const life = lives.get(session);
      if (life === undefined) return;
      const { streams, isConflated } = session;
      const followed = streams.map(({ name }) => name).slice(0, 20);
      const details = { session: life.id, code, afterMs: Math.round(now() - life.sinceMs) };
      logger.debug({ ...details, followed, streams: streams.length, isSlow: isConflated }, 'client gone');
    },
  };
};
