import type { Position } from '@tickwire/protocol';

/** Number of epochs remembered. */
const maxEpochs = 8;

/** The epochs that a channel has left. A late message of such an epoch does not lead back to it; history may. */
export interface FormerEpochs {
  has(epoch: string): boolean;
  /** Returns the position delivered last in an epoch; 0 for an epoch that is not remembered. */
  seqIn(epoch: string): number;
  /** @param believedAfter the channel's position before it believed a message that no history confirmed. */
  leave(position: Position, believedAfter: Position | undefined): void;
}

export const createFormerEpochs = (): FormerEpochs => {
  /** Oldest first. */
  const seqs = new Map<string, number>();

  /** A position that was only believed may be forged, and would hide everything that is really there. */
  const confirmedSeq = ({ epoch, seq }: Position, believedAfter: Position | undefined): number => {
    if (believedAfter === undefined) return seq;
    return believedAfter.epoch === epoch ? believedAfter.seq : (seqs.get(epoch) ?? 0);
  };

  return {
    has: (epoch) => seqs.has(epoch),
    seqIn: (epoch) => seqs.get(epoch) ?? 0,
    leave(position, believedAfter) {
      const seq = confirmedSeq(position, believedAfter);
      seqs.delete(position.epoch);
      seqs.set(position.epoch, seq);
      for (const oldest of seqs.keys()) {
        if (seqs.size <= maxEpochs) return;
        seqs.delete(oldest);
      }
    },
  };
};
