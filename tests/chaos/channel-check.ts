import type { Position } from '@tickwire/protocol';
import type { Notice } from './frame.js';

/** What must never happen. */
export type ViolationKind = 'silent loss' | 'duplicate' | 'reordering' | 'wrong count' | 'payload differs';

/** Why a client was notified that something is missing. */
export type LossCause =
  /** `channel.lost` within an epoch: history was trimmed. */
  | 'history trimmed'
  /** `channel.lost` into another epoch: history was lost, or a producer's buffer overflowed. */
  | 'new epoch'
  /** `recovered: false` to a client that reconnected. */
  | 'not recovered';

export interface CheckEvents {
  /** `count` publications are concerned; what happened in words. */
  readonly onViolation: (kind: ViolationKind, count: number, story: string) => void;
  readonly onLoss: (cause: LossCause, count: number) => void;
  /** Publications that a slow client was notified it did not get. */
  readonly onSkipped: (count: number) => void;
  /** Some of its messages have no position, and are among those skipped. @default false */
  readonly hasPassing?: boolean;
}

/**
 * Follows one channel of one client over any number of connections: from its first publication on each `seq` once and in
 * order, or a notice that says what is missing.
 */
export interface ChannelCheck {
  /** Position of the last publication; undefined before the first, and when the client had to begin afresh. */
  readonly position: Position | undefined;
  readonly isStale: boolean;
  /** Another gateway answers from now on: what the one before said of its own state is void. */
  connected(): void;
  publication(at: Position, skipped: number): void;
  /** A message without a position. */
  passing(skipped: number): void;
  notice(notice: Notice): void;
  /** Nothing more will come: what was published up to here must have arrived. */
  end(final: Position): void;
}

export const createChannelCheck = (events: CheckEvents): ChannelCheck => {
  const { onViolation, onLoss, onSkipped, hasPassing = false } = events;
  let position: Position | undefined;
  /** Skipped before messages without a position, since the last with one: some of them may have had one. */
  let passed = 0;
  let isStale = false;

  const lose = (after: Position | undefined, resumed: Position): void => {
    const known = position;
    if (known !== undefined && after !== undefined && (after.epoch !== known.epoch || after.seq !== known.seq)) {
      const isAhead = after.epoch === known.epoch && after.seq > known.seq;
      onViolation(
        isAhead ? 'silent loss' : 'wrong count',
        isAhead ? after.seq - known.seq : 1,
        `notified of a loss after ${show(after)}, but it stood at ${show(known)}`,
      );
    }
    const isSame = after?.epoch === resumed.epoch;
    onLoss(isSame ? 'history trimmed' : 'new epoch', isSame ? resumed.seq - 1 - after.seq : resumed.seq - 1);
    position = { epoch: resumed.epoch, seq: resumed.seq - 1 };
  };

  return {
    get position() {
      return position;
    },
    get isStale() {
      return isStale;
    },

    connected() {
      isStale = false;
    },

    passing(skipped) {
      passed += skipped;
    },

    publication(at, skippedBefore) {
      const known = position;
      const skipped = skippedBefore + passed;
      passed = 0;
      position = at;
      if (known === undefined) return;
      if (known.epoch !== at.epoch) {
        onViolation('silent loss', 1, `${show(known)} was followed by ${show(at)} without a word`);
        return;
      }
      const step = at.seq - known.seq;
      if (step <= 0) {
        // What stands in order must be judged from the newest on.
        position = known;
        onViolation(step === 0 ? 'duplicate' : 'reordering', 1, `${show(known)} was followed by ${show(at)}`);
      } else if (step > 1 + skipped) {
        onViolation(
          'silent loss',
          step - 1 - skipped,
          `${show(known)} was followed by ${show(at)}, skipped ${skipped}`,
        );
      } else if (step < 1 + skipped && !hasPassing) {
        onViolation('wrong count', 1, `${show(known)} was followed by ${show(at)}, skipped ${skipped}`);
      }
      if (skipped > 0 && step > 1) onSkipped(step - 1);
    },

    notice(notice) {
      switch (notice.type) {
        case 'channel.lost':
          lose(notice.after, notice.resumed);
          break;
        case 'channel.recovered': {
          if (notice.recovered) break;
          const isSame = notice.position?.epoch === position?.epoch;
          onLoss('not recovered', isSame ? Math.max(0, (notice.position?.seq ?? 0) - (position?.seq ?? 0)) : 1);
          position = undefined;
          break;
        }
        case 'channel.stale':
          isStale = true;
          break;
        case 'channel.live':
          isStale = false;
          break;
      }
    },

    end(final) {
      if (position?.epoch === final.epoch && position.seq === final.seq) return;
      const isAhead = position?.epoch === final.epoch && position.seq > final.seq;
      const missing = position?.epoch === final.epoch ? Math.abs(final.seq - position.seq) : 1;
      if (!isAhead && missing <= passed) return;
      onViolation(
        isAhead ? 'wrong count' : 'silent loss',
        missing,
        `it ended at ${show(position)}, the channel at ${show(final)}`,
      );
    },
  };
};

const show = (position: Position | undefined): string =>
  position === undefined ? 'nothing' : `${position.epoch}:${position.seq}`;
