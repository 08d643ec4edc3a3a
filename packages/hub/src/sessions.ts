import type { Transport } from './fan-out/outlet.js';
import { Session, type SessionHost } from './fan-out/session.js';
import type { WireFormat } from './fan-out/wire-format.js';

export interface SessionsOptions extends Omit<SessionHost, 'blocked' | 'unblocked' | 'closed'> {
  readonly slowDeadlineMs: number;
  readonly onClosed: (session: Session) => void;
}

/** The open sessions of a hub. */
export interface Sessions {
  readonly all: ReadonlySet<Session>;
  open(transport: Transport, format: WireFormat): Session;
  /** Closes the sessions whose sockets have accepted nothing for `slowDeadlineMs`. */
  closeSlow(): void;
}

export const createSessions = ({ slowDeadlineMs, onClosed, ...rest }: SessionsOptions): Sessions => {
  const { counters, now } = rest;
  const all = new Set<Session>();
  const blocked = new Set<Session>();
  const host: SessionHost = {
    ...rest,
    blocked: (session) => blocked.add(session),
    unblocked: (session) => blocked.delete(session),
    closed(session) {
      all.delete(session);
      onClosed(session);
    },
  };
  return {
    all,
    open(transport, format) {
      const session = new Session(host, transport, format);
      all.add(session);
      return session;
    },
    closeSlow() {
      const at = now();
      for (const session of blocked) {
        session.giveUpPacing();
        if (at - session.blockedSince < slowDeadlineMs) continue;
        counters.slowClosed += 1;
        session.close('slow');
      }
    },
  };
};
