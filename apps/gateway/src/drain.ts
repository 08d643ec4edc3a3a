import type { Session } from '@tickwire/hub';

const stepMs = 50;

/**
 * Asks the clients to come back elsewhere, a few at a time over `drainMs`, so that those who take them in are not
 * trampled. Those asked are drawn by lot: neighbours in time of connecting are not neighbours in leaving. What a client
 * is owed is written before its close.
 */
export const drainSessions = async (
  sessions: ReadonlySet<Session>,
  drainMs: number,
  random: () => number = Math.random,
): Promise<void> => {
  const waiting = shuffled([...sessions], random);
  const steps = Math.max(1, Math.ceil(drainMs / stepMs));
  for (let step = steps; step > 0 && waiting.length > 0; step -= 1) {
    const leaving = waiting.splice(0, Math.ceil(waiting.length / step));
    for (const session of leaving) session.close('shutdown');
    if (waiting.length > 0) await new Promise((resolve) => setTimeout(resolve, stepMs));
  }
};

const shuffled = <T>(items: T[], random: () => number): T[] => {
  for (let i = items.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    const item = items[i] as T;
    items[i] = items[j] as T;
    items[j] = item;
  }
  return items;
};
