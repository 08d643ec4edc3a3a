import type { History, HistoryRange } from '@tickwire/channel-layer';
import { Publication } from '@tickwire/hub';
import type { HistoryRequest } from './command.js';
import { CommandRefused, errorReplies } from './error-replies.js';
import type { HistoryResult } from './reply.js';

/** The most publications one `history` is answered with; a client asks on from the last one. */
export const maxHistoryLimit = 1_000;
/** History lets go of its oldest while it is looked for: how often to look again. */
const maxAttempts = 5;

type Source = Pick<History, 'read' | 'newest'>;

/**
 * Publications after `since`, or before it in reverse; without `since` from the oldest on, or from the newest back.
 * @throws CommandRefused: 107 for a reverse that begins nowhere, 112 for a position of another epoch or one whose
 *   followers are gone. What the history throws.
 */
export const readHistory = async (history: Source, request: HistoryRequest): Promise<HistoryResult> => {
  const { channel, since, reverse } = request;
  const limit = request.limit < 0 ? maxHistoryLimit : Math.min(request.limit, maxHistoryLimit);
  if (since && reverse && since.offset === 0) throw new CommandRefused(errorReplies.badRequest);
  const top = await newestOf(history, channel, reverse && !since ? limit : 0);
  if (since && since.epoch !== '' && since.epoch !== (top.position?.epoch ?? '')) {
    throw new CommandRefused(errorReplies.unrecoverablePosition);
  }
  const { position } = top;
  if (position === null || limit === 0) return resultOf(top, []);
  if (reverse && !since) return resultOf(top, [...top.messages].reverse());
  if (reverse && since) return before(history, channel, Math.min(since.offset, position.seq + 1), limit);
  if (since) return after(history, channel, since.offset, limit);
  return fromOldest(history, channel, position.seq, limit);
};

const newestOf = async (history: Source, channel: string, count: number): Promise<HistoryRange> => {
  const [range] = await history.newest([channel], count);
  return range ?? { group: channel, position: null, messages: [] };
};

const after = async (history: Source, channel: string, afterSeq: number, limit: number): Promise<HistoryResult> => {
  const range = await history.read(channel, { afterSeq, limit });
  if (range.messages.length === 0 && (range.position?.seq ?? 0) > afterSeq) {
    throw new CommandRefused(errorReplies.unrecoverablePosition);
  }
  return resultOf(range, range.messages);
};

const before = async (history: Source, channel: string, seq: number, limit: number): Promise<HistoryResult> => {
  const wanted = Math.min(limit, seq - 1);
  let range = await history.read(channel, { afterSeq: seq - 1 - wanted, limit: wanted });
  if (range.messages.length === 0 && wanted > 0) {
    // Fewer are left than asked for: all that is left, from which those before `seq` are taken.
    range = await newestOf(history, channel, (range.position?.seq ?? 0) - (seq - 1 - wanted));
  }
  const messages = range.messages.filter((message) => Number(message['seq']) < seq);
  return resultOf(range, messages.reverse());
};

/** Halves its way to the oldest message there is, since only who knows its seq can read it. */
const fromOldest = async (history: Source, channel: string, topSeq: number, limit: number): Promise<HistoryResult> => {
  let low = 0;
  let range = await history.read(channel, { afterSeq: 0, limit });
  for (let attempt = 0; attempt < maxAttempts && range.messages.length === 0; attempt += 1) {
    let high = range.position?.seq ?? topSeq;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const probe = await history.read(channel, { afterSeq: middle, limit: 1 });
      if (probe.messages.length > 0) high = middle;
      else low = middle + 1;
    }
    range = await history.read(channel, { afterSeq: low, limit });
    // All of it is gone: that is an answer too.
    if (low >= (range.position?.seq ?? 0)) break;
  }
  return resultOf(range, range.messages);
};

const resultOf = ({ group, position }: HistoryRange, messages: HistoryRange['messages']): HistoryResult => ({
  publications: messages.map((message) => new Publication(group, positionIn(message), message)),
  epoch: position?.epoch ?? '',
  offset: position?.seq ?? 0,
});

const positionIn = (message: HistoryRange['messages'][number]): { seq: number; epoch: string } | undefined => {
  const { seq, epoch } = message;
  return typeof seq === 'number' && typeof epoch === 'string' ? { seq, epoch } : undefined;
};
