import { setImmediate as nextTurn } from 'node:timers/promises';
import type { HistoryPage, Publication, SharedHistory } from '@tickwire/hub';
import type { Position } from '@tickwire/protocol';
import { maxHistoryLimit } from '../channel-options.js';
import type { HistoryRequest } from './command.js';
import { CommandRefused, errorReplies } from './error-replies.js';
import type { HistoryResult } from './reply.js';

/** Decoded in half a millisecond, and many read at the same time: more would hold up everybody's ticks. */
const pageSize = 50;
/** History lets go of its oldest while it is looked for: how often to look again. */
const maxAttempts = 5;

type Source = Pick<SharedHistory, 'read' | 'position'>;

/**
 * Publications after `since`, or before it in reverse; without `since` from the oldest on, or from the newest back.
 * @throws CommandRefused: 107 for a reverse that begins nowhere, 112 for a position of another epoch or one whose
 *   followers are gone. What the history throws.
 */
export const readHistory = async (history: Source, request: HistoryRequest): Promise<HistoryResult> => {
  const { channel, since, reverse } = request;
  const limit = request.limit < 0 ? maxHistoryLimit : Math.min(request.limit, maxHistoryLimit);
  if (since && reverse && since.offset === 0) throw new CommandRefused(errorReplies.badRequest);
  const top = await history.position(channel);
  if (since && since.epoch !== '' && since.epoch !== (top?.epoch ?? '')) {
    throw new CommandRefused(errorReplies.unrecoverablePosition);
  }
  if (top === null || limit === 0) return resultOf(top, []);
  if (reverse) return resultOf(top, await before(history, channel, top, since?.offset ?? top.seq + 1, limit));
  if (!since) return resultOf(top, await fromOldest(history, channel, top, limit));
  const publications = await publicationsAfter(history, channel, top, since.offset, limit);
  if (publications.length === 0 && top.seq > since.offset) throw new CommandRefused(errorReplies.unrecoverablePosition);
  return resultOf(top, publications);
};

/** The newest, oldest first; fewer where fewer are left. */
export const newestPublications = async (
  history: Source,
  channel: string,
  top: Position,
  limit: number,
): Promise<readonly Publication[]> => [...(await before(history, channel, top, top.seq + 1, limit))].reverse();

/** At most `limit` publications behind `afterSeq` and up to the newest. None where the first of them is gone. */
export const publicationsAfter = async (
  history: Pick<Source, 'read'>,
  channel: string,
  top: Position,
  afterSeq: number,
  limit: number,
): Promise<readonly Publication[]> => {
  const publications: Publication[] = [];
  let reached = afterSeq;
  // A page that others have read may end before the newest publication.
  while (reached < top.seq && publications.length < limit) {
    const page = await history.read(channel, {
      afterSeq: reached,
      limit: Math.min(pageSize, limit - publications.length),
    });
    const last = page.publications.at(-1)?.position;
    if (last === undefined || last.epoch !== top.epoch || last.seq <= reached) break;
    publications.push(...page.publications);
    reached = last.seq;
    // Pages that need no wait, or came together, are not for one turn of the event loop.
    await nextTurn();
  }
  return publications;
};

/** The newest first. Where fewer are left than asked for, all that is left. */
const before = async (
  history: Pick<Source, 'read'>,
  channel: string,
  top: Position,
  seq: number,
  limit: number,
): Promise<readonly Publication[]> => {
  const end = Math.min(seq, top.seq + 1);
  const from = Math.max(0, end - 1 - limit);
  const wanted = await publicationsAfter(history, channel, top, from, end - 1 - from);
  const kept = wanted.length > 0 || end <= 1 ? wanted : await fromOldest(history, channel, top, limit);
  return kept.filter(({ position }) => position !== undefined && position.seq < end).reverse();
};

/** Halves its way to the oldest publication there is, since only who knows its seq can read it. */
const fromOldest = async (
  history: Pick<Source, 'read'>,
  channel: string,
  top: Position,
  limit: number,
): Promise<readonly Publication[]> => {
  let low = 0;
  let found = await publicationsAfter(history, channel, top, low, limit);
  for (let attempt = 0; attempt < maxAttempts && found.length === 0 && low < top.seq; attempt += 1) {
    let high = top.seq;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const probe: HistoryPage = await history.read(channel, { afterSeq: middle, limit: 1 });
      if (probe.publications.length > 0) high = middle;
      else low = middle + 1;
    }
    found = await publicationsAfter(history, channel, top, low, limit);
  }
  return found;
};

/** What was published while it was read stands behind the position it began with. */
const resultOf = (top: Position | null, publications: readonly Publication[]): HistoryResult => ({
  publications,
  epoch: top?.epoch ?? '',
  offset: Math.max(top?.seq ?? 0, ...[publications.at(0), publications.at(-1)].map((p) => p?.position?.seq ?? 0)),
});
