import type { Clock } from '@tickwire/protocol';

/** The other members of a fleet, known from their beats. */
export interface Peers {
  readonly ids: ReadonlySet<string>;
  /** Records a beat. True for a newcomer. */
  heard(id: string): boolean;
  /** Forgets a member that said goodbye. True if it was known. */
  left(id: string): boolean;
  /** Forgets members that were silent for too long, and returns them. */
  expire(): readonly string[];
}

export interface PeersOptions {
  readonly silentMs: number;
  readonly clock: Pick<Clock, 'monotonic'>;
}

/** Anyone who may publish could name any number of members: those beyond this are ignored. */
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
