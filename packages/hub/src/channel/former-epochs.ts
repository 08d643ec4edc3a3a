import type { Position } from '@tickwire/protocol';

/** Number of epochs remembered. */
const maxEpochs = 8;

/** The epochs a channel has left: a late message of one does not lead back to it, and history may. */
export interface FormerEpochs {
  has(epoch: string): boolean;
  /** What was delivered last of an epoch; 0 for one that is not remembered. */
  seqIn(epoch: string): number;
  /** @param believedAfter where the channel stood before it believed what no history confirmed. */
  leave(position: Position, believedAfter: Position | undefined): void;
}

export const createFormerEpochs = (): FormerEpochs => {
  /** Oldest first. */
  const seqs = new Map<string, number>();

  /** What was only believed may be a forgery, and hide all that is really there. */
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
