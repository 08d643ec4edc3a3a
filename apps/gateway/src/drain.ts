import type { Session } from '@tickwire/hub';

const stepMs = 50;
const handedOverMs = 500;
/** The longest that clients who were warned get to be elsewhere before theirs is closed. */
const maxGraceMs = 5_000;

export interface DrainOptions {
  readonly drainMs: number;
  /** Whether its client knows already that we leave, and may connect elsewhere first. */
  readonly isWarned: (session: Session) => boolean;
  /** @default Math.random */
  readonly random?: () => number;
}

/**
 * Asks the clients to come back elsewhere, a few at a time over `drainMs`, so that those who take them in are not
 * trampled. Those asked are drawn by lot: neighbours in time of connecting are not neighbours in leaving. What a client
 * is owed is written before its close. Clients that were warned are closed in the second half, those that left by
 * themselves meanwhile not at all; nobody else waits for them.
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

/** For the handshakes of connections that were handed over before others took all new ones: they take no longer. */
export const handedOver = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, handedOverMs));

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
