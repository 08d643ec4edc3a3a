import type { Message } from '@tickwire/channel-layer';
import type { Position } from '@tickwire/protocol';
import { positionOf } from '../fan-out/wire-format.js';

/** Number of publications remembered. */
const maxRemembered = 100;

/**
 * The newest publications that a channel delivered, in one epoch and without a hole. If history has another publication
 * at one of these positions, Redis lost its end, and a writer that did not notice continued.
 */
export interface DeliveredTail {
  /** The oldest position remembered; undefined if there is none. */
  readonly oldestSeq: number | undefined;
  add(at: Position, message: Message): void;
  has(at: Position): boolean;
  /** Returns whether another publication was delivered at the position of this message. */
  contradicts(message: Message): boolean;
  /** Publications from here on have been replaced by others. */
  replacedFrom(seq: number): void;
  /**
   * Returns whether another publication has replaced the one at this position. Only the latest replacement in the epoch
   * is remembered.
   */
  isReplaced(at: Position): boolean;
}

export const createDeliveredTail = (): DeliveredTail => {
  let epoch: string | undefined;
  let oldestSeq = 0;
  let messages: Message[] = [];

  let replaced = { epoch: '', from: 0, to: 0 };

  const deliveredAt = (position: Position): Message | undefined =>
    position.epoch === epoch ? messages[position.seq - oldestSeq] : undefined;

  return {
    get oldestSeq() {
      return messages.length === 0 ? undefined : oldestSeq;
    },
    add(position, message) {
      if (position.epoch !== epoch || position.seq !== oldestSeq + messages.length) {
        messages = [];
        ({ epoch, seq: oldestSeq } = position);
      }
      messages.push(message);
      if (messages.length < 2 * maxRemembered) return;
      messages = messages.slice(-maxRemembered);
      oldestSeq = position.seq - maxRemembered + 1;
    },
    has: (position) => deliveredAt(position) !== undefined,
    contradicts(message) {
      const at = positionOf(message);
      const delivered = at && deliveredAt(at);
      return delivered !== undefined && delivered !== message && contentOf(delivered) !== contentOf(message);
    },
    replacedFrom(seq) {
      replaced = { epoch: epoch ?? '', from: seq, to: oldestSeq + messages.length - 1 };
      messages.length = Math.max(0, Math.min(messages.length, seq - oldestSeq));
    },
    isReplaced: (at) => at.epoch === replaced.epoch && at.seq >= replaced.from && at.seq <= replaced.to,
  };
};

/** The content without the times at which a writer received and published it: two writers of one event differ there. */
const contentOf = ({ rts: _rts, pts: _pts, ...content }: Message): string =>
  JSON.stringify(content, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
