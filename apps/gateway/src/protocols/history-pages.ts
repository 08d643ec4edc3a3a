import { setImmediate as nextTurn } from 'node:timers/promises';
import type { HistoryPage, Publication, SharedHistory } from '@tickwire/hub';
import type { Position } from '@tickwire/protocol';

/** Decoding a page takes half a millisecond, and many clients read at the same time: a larger one would hold up ticks. */
const pageSize = 50;
/** How often to search again: history may drop its oldest publication during the search. */
const maxAttempts = 5;

/** History that many clients read at once, page by page, one turn of the event loop apart. */
export type HistoryPages = Pick<SharedHistory, 'read' | 'position'>;

/** At most `limit` of the newest publications, oldest first. */
export const newestPublications = async (
  history: HistoryPages,
  channel: string,
  top: Position,
  limit: number,
): Promise<readonly Publication[]> =>
  [...(await publicationsBefore(history, channel, top, { seq: top.seq + 1, limit }))].reverse();

/** Where to read, and how many publications at the most. */
interface Range {
  readonly seq: number;
  readonly limit: number;
}

/** At most `limit` publications after `seq` and up to `top`, oldest first. None if the first of them is gone. */
export const publicationsAfter = async (
  history: Pick<HistoryPages, 'read'>,
  channel: string,
  top: Position,
  { seq, limit }: Range,
): Promise<readonly Publication[]> => {
  const publications: Publication[] = [];
  let reached = seq;
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

/** At most `limit` publications before `seq`, newest first. If fewer are left, all that are left. */
export const publicationsBefore = async (
  history: Pick<HistoryPages, 'read'>,
  channel: string,
  top: Position,
  { seq, limit }: Range,
): Promise<readonly Publication[]> => {
  const end = Math.min(seq, top.seq + 1);
  const from = Math.max(0, end - 1 - limit);
  const wanted = await publicationsAfter(history, channel, top, { seq: from, limit: end - 1 - from });
  const kept = wanted.length > 0 || end <= 1 ? wanted : await oldestPublications(history, channel, top, limit);
  return kept.filter(({ position }) => position !== undefined && position.seq < end).reverse();
};

/** The oldest publications that are kept, oldest first. Finds the first by halving: history is read by `seq` only. */
export const oldestPublications = async (
  history: Pick<HistoryPages, 'read'>,
  channel: string,
  top: Position,
  limit: number,
): Promise<readonly Publication[]> => {
  let low = 0;
  let found = await publicationsAfter(history, channel, top, { seq: low, limit });
  for (let attempt = 0; attempt < maxAttempts && found.length === 0 && low < top.seq; attempt += 1) {
    let high = top.seq;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const probe: HistoryPage = await history.read(channel, { afterSeq: middle, limit: 1 });
      if (probe.publications.length > 0) high = middle;
      else low = middle + 1;
    }
    found = await publicationsAfter(history, channel, top, { seq: low, limit });
  }
  return found;
};
