import type { Session } from '@tickwire/hub';
import type { Crew } from './workers/crew.js';

const stepMs = 50;
const handedOverMs = 500;
/** The longest time that warned clients get to connect elsewhere before their connection is closed. */
const maxGraceMs = 5_000;

export interface DrainOptions {
  readonly drainMs: number;
  /** Whether the client already knows that the gateway leaves, and may connect elsewhere first. */
  readonly isWarned: (session: Session) => boolean;
  /** @default Math.random */
  readonly random?: () => number;
}

/**
 * Asks the clients to reconnect elsewhere, a few at a time over `drainMs`, so that other gateways are not overloaded.
 * The order is random: clients that connected together are not asked together. Everything owed to a client is written
 * before its connection is closed. Clients that were warned are closed in the second half, unless they have left by
 * themselves; nobody else waits for them.
 */
export const drainSessions = async (
  sessions: ReadonlySet<Session>,
  { drainMs, isWarned, random = Math.random }: DrainOptions,
): Promise<void> => {
  const all = shuffled([...sessions], random);
  const warned = all.filter(isWarned);
  const others = all.filter((session) => !isWarned(session));
  const graceMs = Math.min(maxGraceMs, drainMs / 2);
  const closeWarned = async (): Promise<void> => {
    for (let waitedMs = 0; waitedMs < graceMs; waitedMs += stepMs) {
      if (warned.every(({ isClosed }) => isClosed)) return;
      await oneStep();
    }
    await closeOver(warned, drainMs - graceMs);
  };
  await Promise.all([closeOver(others, drainMs), closeWarned()]);
};

export interface DepartureOptions extends DrainOptions {
  readonly crew: Pick<Crew, 'isAnotherServing'>;
  readonly sessions: ReadonlySet<Session>;
  /** From now on no new connection is accepted. */
  readonly stopAccepting: () => void;
  /** Makes the gateway unready and warns the clients that can be warned. */
  readonly announce: () => void;
}

/** How a gateway ends its work, with every client connected elsewhere. */
export interface Departure {
  /** On an operator's order. The gateway still accepts connections, and rejects them, unless other workers take them. */
  drain(): Promise<void>;
  /** Accepts no more connections and drains. */
  leave(): Promise<void>;
}

export const createDeparture = ({
  crew,
  sessions,
  stopAccepting,
  announce,
  ...options
}: DepartureOptions): Departure => {
  const drainAll = (): Promise<void> => {
    announce();
    return drainSessions(sessions, options);
  };
  const leave = async (): Promise<void> => {
    stopAccepting();
    // If other workers accept new clients, nobody is rejected.
    if (crew.isAnotherServing) await handedOver();
    await drainAll();
  };
  return { leave, drain: () => (crew.isAnotherServing ? leave() : drainAll()) };
};

/** Waits for the handshakes of connections that this worker received before others took all new ones. */
const handedOver = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, handedOverMs));

const closeOver = async (waiting: Session[], durationMs: number): Promise<void> => {
  const steps = Math.max(1, Math.ceil(durationMs / stepMs));
  for (let step = steps; step > 0 && waiting.length > 0; step -= 1) {
    const leaving = waiting.splice(0, Math.ceil(waiting.length / step));
    for (const session of leaving) session.close('shutdown');
    if (waiting.length > 0) await oneStep();
  }
};

const oneStep = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, stepMs));

const shuffled = <T>(items: T[], random: () => number): T[] => {
  for (let i = items.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    const item = items[i] as T;
    items[i] = items[j] as T;
    items[j] = item;
  }
  return items;
};
