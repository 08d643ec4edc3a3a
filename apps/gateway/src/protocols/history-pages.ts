import { setImmediate as nextTurn } from 'node:timers/promises';
import type { HistoryPage, Publication, SharedHistory } from '@tickwire/hub';
import type { Position } from '@tickwire/protocol';

/** Decoded in half a millisecond, and many read at the same time: more would hold up everybody's ticks. */
const pageSize = 50;
/** History lets go of its oldest while it is looked for: how often to look again. */
const maxAttempts = 5;

/** History as many read it at once, page by page, a turn of the event loop apart. */
export type HistoryPages = Pick<SharedHistory, 'read' | 'position'>;

/** The newest, oldest first; fewer where fewer are left. */
export const newestPublications = async (
  history: HistoryPages,
  channel: string,
  top: Position,
  limit: number,
): Promise<readonly Publication[]> =>
  [...(await publicationsBefore(history, channel, top, top.seq + 1, limit))].reverse();

/** At most `limit` publications behind `afterSeq` and up to the newest. None where the first of them is gone. */
export const publicationsAfter = async (
  history: Pick<HistoryPages, 'read'>,
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
export const publicationsBefore = async (
  history: Pick<HistoryPages, 'read'>,
  channel: string,
  top: Position,
  seq: number,
  limit: number,
): Promise<readonly Publication[]> => {
  const end = Math.min(seq, top.seq + 1);
  const from = Math.max(0, end - 1 - limit);
  const wanted = await publicationsAfter(history, channel, top, from, end - 1 - from);
  const kept = wanted.length > 0 || end <= 1 ? wanted : await oldestPublications(history, channel, top, limit);
  return kept.filter(({ position }) => position !== undefined && position.seq < end).reverse();
};

/** From the oldest there is on. Halves its way to it, since only who knows its seq can read it. */
export const oldestPublications = async (
  history: Pick<HistoryPages, 'read'>,
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
