import type { Clock } from '@tickwire/protocol';

/** The other members of a fleet, as their signs of life show. */
export interface Peers {
  readonly ids: ReadonlySet<string>;
  /** A sign of life. True for a newcomer. */
  heard(id: string): boolean;
  /** Forgets one that said goodbye. True if it was known. */
  left(id: string): boolean;
  /** Forgets those that were silent for too long, and returns them. */
  expire(): readonly string[];
}

export interface PeersOptions {
  readonly silentMs: number;
  readonly clock: Pick<Clock, 'monotonic'>;
}

/** Whoever may publish could name any number: those beyond are not heard. */
const maxPeers = 1_000;

export const createPeers = ({ silentMs, clock }: PeersOptions): Peers => {
  const ids = new Set<string>();
  const heardAt = new Map<string, number>();

  const left = (id: string): boolean => {
    heardAt.delete(id);
    return ids.delete(id);
  };

  return {
    ids,
    heard(id) {
      const isNew = !ids.has(id);
      if (isNew && ids.size >= maxPeers) return false;
      ids.add(id);
      heardAt.set(id, clock.monotonic());
      return isNew;
    },
    left,
    expire: () => [...heardAt].filter(([id, at]) => clock.monotonic() - at > silentMs && left(id)).map(([id]) => id),
  };
};
