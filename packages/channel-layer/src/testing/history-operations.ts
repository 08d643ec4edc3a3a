import { createRandom } from '@tickwire/protocol/testing';
import type { AppendResult, GroupBatch, GroupPosition, HistoryRange } from '../history.js';
import { type HistoryHarness, publication } from './history-harness.js';

export type HistoryOperation =
  | { readonly kind: 'append'; readonly batches: readonly GroupBatch[]; readonly fence: number }
  | { readonly kind: 'read'; readonly group: string; readonly afterSeq: number; readonly limit: number }
  | { readonly kind: 'newest'; readonly groups: readonly string[]; readonly count: number }
  | { readonly kind: 'expire' };

export interface HistoryOperations {
  next(): HistoryOperation;
  /** Takes in the results of an append: later operations aim at and around the positions seen. */
  learn(results: readonly AppendResult[]): void;
}

/**
 * Appends, repeats, holes, overlaps, resets, late writers and reads at the edges, a few groups at a time. A reset names
 * the stored epoch or a new one: a former epoch is never used again.
 */
export const createHistoryOperations = (seed: number, groups: readonly string[]): HistoryOperations => {
  const random = createRandom(seed);
  const positions = new Map<string, GroupPosition>();
  let fence = 5;
  let made = 0;

  const firstSeqAfter = (seq: number): number => {
    if (random.chance(0.6)) return seq + 1;
    return Math.max(1, random.pick([seq + 2, seq, seq - 1, seq - 3, 1, seq + 1 + random.below(20)]));
  };

  const batch = (mayReset: boolean): GroupBatch => {
    const group = random.pick(groups);
    const { epoch: storedEpoch, seq } = positions.get(group) ?? { epoch: 'first', seq: 0 };
    const reset = mayReset && random.chance(0.2);
    made += 1;
    const isFresh = random.chance(reset ? 0.7 : 0.05);
    const epoch = isFresh ? `epoch-${made}` : storedEpoch;
    const firstSeq = isFresh && reset ? 1 + random.below(seq + 20) : firstSeqAfter(seq);
    // A reset has messages: an epoch that skipped ahead before its first message looks like a repeat.
    const count = reset ? 1 + random.below(5) : random.below(6);
    const messages = Array.from({ length: count }, (_, index) =>
      publication(epoch, firstSeq + index, `body ${made}.${index}`),
    );
    return { group, epoch, firstSeq, messages, ...(reset ? { reset } : {}) };
  };

  const append = (): HistoryOperation => {
    if (random.chance(0.1)) fence += 1;
    const late = random.chance(0.1) ? 1 : 0;
    // One reset per call: a second one could name the epoch that the first one left.
    const batches = Array.from({ length: 1 + random.below(3) }, (_, index) => batch(index === 0));
    return { kind: 'append', batches, fence: fence - late };
  };

  return {
    next() {
      const group = random.pick(groups);
      const seq = positions.get(group)?.seq ?? 0;
      if (random.chance(0.6)) return append();
      if (random.chance(0.1)) return { kind: 'expire' };
      if (random.chance(0.3)) {
        const asked = Array.from({ length: random.below(4) }, () => random.pick([...groups, 'unknown']));
        return { kind: 'newest', groups: asked, count: random.below(12) };
      }
      const afterSeq = Math.max(0, seq + 2 - random.below(14));
      return { kind: 'read', group, afterSeq, limit: random.below(12) };
    },
    learn(results) {
      for (const result of results) {
        if (!('position' in result) || result.position === null) continue;
        positions.set(result.group, result.position);
      }
    },
  };
};

/** Carries out one operation and returns its result. */
export const runHistoryOperation = async (
  { history, expireMessages }: HistoryHarness,
  operation: HistoryOperation,
): Promise<readonly AppendResult[] | readonly HistoryRange[]> => {
  switch (operation.kind) {
    case 'append':
      return history.append(operation.batches, operation.fence);
    case 'read':
      return [await history.read(operation.group, operation)];
    case 'newest':
      return history.newest(operation.groups, operation.count);
    case 'expire':
      await expireMessages();
      return [];
  }
};
