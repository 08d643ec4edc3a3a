import { assertMessage } from '../codec/message-check.js';
import { checkAppend, checkPublish, checkRead } from '../history/check-request.js';
import { digestOf, newEpoch } from '../history/keys.js';
import type { GroupBounds } from '../history/retention.js';
import { type HistoryBounds, uniformBounds } from '../history/retention.js';
import type {
  AppendResult,
  GroupBatch,
  GroupPosition,
  GroupPublisher,
  History,
  HistoryRange,
  Lease,
  PublishResult,
} from '../history.js';
import type { Message } from '../layer.js';

export interface MemoryHistoryOptions extends HistoryBounds {
  /**
   * Sends to the group. Called for each appended message, in order, in the same synchronous step that appends the whole
   * call. If it throws or rejects, the append rejects after all other messages were published: the message is in
   * history, and a repeat does not publish it again.
   */
  readonly publish: (group: string, message: Message) => void | Promise<void>;
  /**
   * The bounds of each group; replaces `historySize` and `historyTtlMs`. Bytes do not count here. Read once per group.
   */
  readonly boundsOf?: (group: string) => Pick<GroupBounds, 'entries' | 'ttlMs'>;
  /** Monotonic milliseconds. @default performance.now */
  readonly now?: () => number;
}

interface GroupState {
  epoch: string;
  seq: number;
  /** -1 before the first append. */
  fence: number;
  readonly size: number;
  readonly ttlMs: number;
  /** Messages by `seq % size`. */
  ring: Message[];
  /** `seq` of the oldest message in the ring; `seq + 1` if the ring is empty. */
  oldestSeq: number;
  messagesExpireAtMs: number;
  positionExpiresAtMs: number;
}

/**
 * The history of one process, with the rules of the Redis one. Messages are kept by reference and must not be changed.
 */
export const createMemoryHistory = (options: MemoryHistoryOptions): History & GroupPublisher => {
  const { publish, now = () => performance.now() } = options;
  const { historySize, historyTtlMs, positionTtlMs } = uniformBounds(options);
  const everyGroup = { entries: historySize, ttlMs: historyTtlMs };
  const { boundsOf = () => everyGroup } = options;
  const states = new Map<string, GroupState>();
  /** By group and key. */
  const published = new Map<string, PublishedOnce>();
  let sweepAtMs = now() + historyTtlMs;

  const dropMessages = (state: GroupState): void => {
    state.ring = [];
    state.oldestSeq = state.seq + 1;
  };

  const expire = (group: string, state: GroupState, nowMs: number): boolean => {
    if (state.positionExpiresAtMs <= nowMs) return states.delete(group);
    if (state.messagesExpireAtMs <= nowMs) dropMessages(state);
    return false;
  };

  const stateOf = (group: string, nowMs: number): GroupState | undefined => {
    const state = states.get(group);
    return state === undefined || expire(group, state, nowMs) ? undefined : state;
  };

  /** Groups that are not used again would stay forever. */
  const sweep = (nowMs: number): void => {
    if (nowMs < sweepAtMs) return;
    sweepAtMs = nowMs + historyTtlMs;
    for (const [group, state] of states) expire(group, state, nowMs);
    for (const [key, { expiresAtMs }] of published) if (expiresAtMs <= nowMs) published.delete(key);
  };

  /** Appends one batch; messages to be published are added to `sent`. */
  const appendBatch = (batch: GroupBatch, fence: number, nowMs: number, sent: Published[]): AppendResult => {
    const known = stateOf(batch.group, nowMs);
    const rejection = rejectionOf(known, batch, fence);
    if (rejection !== undefined) return rejection;
    const state = known?.epoch === batch.epoch ? known : emptyState(batch, boundsOf(batch.group));
    states.set(batch.group, state);
    const fresh = batch.messages.slice(state.seq + 1 - batch.firstSeq);
    if (fresh.length > 0 || fence !== state.fence) state.positionExpiresAtMs = nowMs + positionTtlMs;
    if (fresh.length > 0) state.messagesExpireAtMs = nowMs + state.ttlMs;
    state.fence = fence;
    for (const message of fresh) {
      state.seq += 1;
      state.ring[state.seq % state.size] = message;
      sent.push({ group: batch.group, message });
    }
    state.oldestSeq = Math.max(state.oldestSeq, state.seq - state.size + 1);
    return { group: batch.group, outcome: 'appended', position: positionOf(state) };
  };

  const rangeOf = (group: string, bounds: (state: GroupState) => { fromSeq: number; toSeq: number }): HistoryRange => {
    const state = stateOf(group, now());
    if (!isBegun(state)) return { group, position: null, messages: [] };
    const { fromSeq, toSeq } = bounds(state);
    const messages: Message[] = [];
    for (let seq = fromSeq; seq <= toSeq; seq += 1) messages.push(state.ring[seq % state.size] as Message);
    return { group, position: positionOf(state), messages };
  };

  return {
    async append(batches, fence) {
      checkAppend(batches, fence);
      for (const { messages } of batches) messages.forEach(assertMessage);
      const nowMs = now();
      sweep(nowMs);
      const sent: Published[] = [];
      const results = batches.map((batch) => appendBatch(batch, fence, nowMs, sent));
      const sending = await Promise.allSettled(sent.map(async ({ group, message }) => publish(group, message)));
      const failed = sending.find((result) => result.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
      return results;
    },
    async read(group, { afterSeq, limit }) {
      checkRead([group], { afterSeq, limit });
      return rangeOf(group, ({ seq, oldestSeq }) => {
        const isHeld = afterSeq + 1 >= oldestSeq;
        return { fromSeq: afterSeq + 1, toSeq: isHeld ? Math.min(seq, afterSeq + limit) : afterSeq };
      });
    },
    async publish(group, message, publishOptions): Promise<PublishResult> {
      checkPublish(group, message, publishOptions);
      assertMessage(message);
      const { historySize: entries, historyTtlMs: ttlMs, once, fence: wanted = 0 } = publishOptions;
      const nowMs = now();
      sweep(nowMs);
      const before = stateOf(group, nowMs);
      const heldFence = Math.max(0, before?.fence ?? 0);
      const fence = wanted === 'new' ? heldFence + 1 : wanted;
      if (fence > 0 && fence < heldFence) return { outcome: 'fenced', fence: heldFence };
      const written = fence > 0 ? { fence } : {};
      const key = once && `${group} ${once.key}`;
      const known = key === undefined ? undefined : published.get(key);
      if (once !== undefined && known !== undefined && known.expiresAtMs > nowMs) {
        if (known.digest !== digestOf(once.content)) return { outcome: 'reused' };
        if (before !== undefined && fence > 0) before.fence = fence;
        return { outcome: 'repeated', position: known.position, ...written };
      }
      if (fence === 0 && heldFence > 0) return { outcome: 'owned' };
      const epoch = before?.epoch ?? newEpoch();
      const firstSeq = isBegun(before) ? before.seq + 1 : 1;
      if (!isBegun(before)) {
        const state = emptyState({ epoch, firstSeq }, { entries, ttlMs });
        states.set(group, { ...state, positionExpiresAtMs: nowMs + positionTtlMs, messagesExpireAtMs: nowMs + ttlMs });
      }
      const batch = { group, epoch, firstSeq, messages: [{ ...message, epoch, seq: firstSeq }] };
      const sent: Published[] = [];
      appendBatch(batch, fence, nowMs, sent);
      const position = { epoch, seq: firstSeq };
      if (once !== undefined && key !== undefined) {
        published.set(key, { digest: digestOf(once.content), position, expiresAtMs: nowMs + once.rememberedMs });
      }
      for (const { message: positioned } of sent) await publish(group, positioned);
      return { outcome: 'published', position, ...written };
    },
    async newest(groups, count) {
      checkRead(groups, { count });
      return groups.map((group) =>
        rangeOf(group, ({ seq, oldestSeq }) => ({ fromSeq: Math.max(oldestSeq, seq - count + 1), toSeq: seq })),
      );
    },
  };
};

interface PublishedOnce {
  readonly digest: string;
  readonly position: GroupPosition;
  readonly expiresAtMs: number;
}

interface Published {
  readonly group: string;
  readonly message: Message;
}

/** One that was only claimed has no message yet, and so no epoch. */
const isBegun = (state: GroupState | undefined): state is GroupState => state !== undefined && state.seq > 0;

const positionOf = ({ epoch, seq }: GroupState): GroupPosition => ({ epoch, seq });

/** The rules of `append.lua`; undefined when the batch continues the stored messages, or may start its epoch. */
const rejectionOf = (state: GroupState | undefined, batch: GroupBatch, fence: number): AppendResult | undefined => {
  const { group, epoch, firstSeq, reset = false } = batch;
  if (state !== undefined && fence < state.fence) return { group, outcome: 'fenced', fence: state.fence };
  if (!isBegun(state)) {
    return reset || firstSeq === 1 ? undefined : { group, outcome: 'mismatch', position: null };
  }
  const isHole = firstSeq > state.seq + 1;
  const isAnothersOverlap = firstSeq <= state.seq && fence !== state.fence;
  const isAccepted = epoch === state.epoch ? !isHole && !isAnothersOverlap : reset;
  return isAccepted ? undefined : { group, outcome: 'mismatch', position: positionOf(state) };
};

const emptyState = (
  { epoch, firstSeq }: Pick<GroupBatch, 'epoch' | 'firstSeq'>,
  { entries, ttlMs }: Pick<GroupBounds, 'entries' | 'ttlMs'>,
): GroupState => ({
  size: entries,
  ttlMs,
  epoch,
  seq: firstSeq - 1,
  fence: -1,
  ring: [],
  oldestSeq: firstSeq,
  messagesExpireAtMs: 0,
  positionExpiresAtMs: 0,
});

/** The lease of a process without rivals: always granted, always with token 1. */
export const createMemoryLease = ({ owner }: { readonly owner: string }): Lease => {
  let isHeld = false;
  return {
    async acquire() {
      isHeld = true;
      return 1;
    },
    async release() {
      isHeld = false;
    },
    async holder() {
      return isHeld ? { owner, token: 1 } : undefined;
    },
  };
};
