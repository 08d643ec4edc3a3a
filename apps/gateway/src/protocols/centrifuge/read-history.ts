import type { Publication } from '@tickwire/hub';
import type { Position } from '@tickwire/protocol';
import { maxHistoryLimit } from '../channel-options.js';
import { type HistoryPages, oldestPublications, publicationsAfter, publicationsBefore } from '../history-pages.js';
import type { HistoryRequest } from './command.js';
import { CommandRefused, errorReplies } from './error-replies.js';
import type { HistoryResult } from './reply.js';

/**
 * Publications after `since`, or before it in reverse; without `since` from the oldest on, or from the newest back.
 * @throws CommandRefused: 107 for a reverse that begins nowhere, 112 for a position of another epoch or one whose
 *   followers are gone. What the history throws.
 */
export const readHistory = async (history: HistoryPages, request: HistoryRequest): Promise<HistoryResult> => {
  const { channel, since, reverse } = request;
  const limit = request.limit < 0 ? maxHistoryLimit : Math.min(request.limit, maxHistoryLimit);
  if (since && reverse && since.offset === 0) throw new CommandRefused(errorReplies.badRequest);
  const top = await history.position(channel);
  if (since && since.epoch !== '' && since.epoch !== (top?.epoch ?? '')) {
    throw new CommandRefused(errorReplies.unrecoverablePosition);
  }
  if (top === null || limit === 0) return resultOf(top, []);
  if (reverse)
    return resultOf(top, await publicationsBefore(history, channel, top, { seq: since?.offset ?? top.seq + 1, limit }));
  if (!since) return resultOf(top, await oldestPublications(history, channel, top, limit));
  const publications = await publicationsAfter(history, channel, top, { seq: since.offset, limit });
  if (publications.length === 0 && top.seq > since.offset) throw new CommandRefused(errorReplies.unrecoverablePosition);
  return resultOf(top, publications);
};

/** Publications made while history was read stand behind the position that was read first. */
const resultOf = (top: Position | null, publications: readonly Publication[]): HistoryResult => ({
  publications,
  epoch: top?.epoch ?? '',
  offset: Math.max(top?.seq ?? 0, ...[publications.at(0), publications.at(-1)].map((p) => p?.position?.seq ?? 0)),
});
