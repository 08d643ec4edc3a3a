import type { CohortRegistry } from './cohort-registry.js';
import type { Session } from './session.js';
import type { Stream } from './stream.js';

/**
 * Changes of what sessions follow, put off until something is published, or written to the session. The result is the
 * same, and a thousand joins of a session that come together cost as much as one.
 */
export interface LateChanges {
  /** `begun` as in `Session.follow`; `streams` are asked for when the change is made. */
  put(session: Session, streams: () => readonly Stream[], begun: readonly Stream[]): void;
  settle(session: Session): void;
  settleAll(): void;
  /** The session is closed. */
  forget(session: Session): void;
}

interface LateChange {
  readonly streams: () => readonly Stream[];
  readonly begun: Set<Stream>;
}

export const createLateChanges = (cohorts: Pick<CohortRegistry, 'hold' | 'release'>): LateChanges => {
  const changes = new Map<Session, LateChange>();

  const remove = (session: Session): LateChange | undefined => {
    const change = changes.get(session);
    changes.delete(session);
    session.isLate = false;
    return change;
  };

  const release = (session: Session, { begun }: LateChange): void => {
    for (const stream of begun) cohorts.release(session.format, stream);
  };

  const settle = (session: Session): void => {
    const change = remove(session);
    if (change === undefined) return;
    session.follow(change.streams(), [...change.begun]);
    release(session, change);
  };

  return {
    put(session, streams, begun) {
      const change = changes.get(session) ?? { streams, begun: new Set() };
      changes.set(session, change);
      session.isLate = true;
      for (const stream of begun) {
        if (change.begun.has(stream)) continue;
        // Otherwise a stream that nobody else follows would not settle the change when it publishes.
        cohorts.hold(session.format, stream);
        change.begun.add(stream);
      }
    },
    settle,
    settleAll() {
      for (const session of changes.keys()) settle(session);
    },
    forget(session) {
      const change = remove(session);
      if (change !== undefined) release(session, change);
    },
  };
};
