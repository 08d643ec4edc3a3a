import type { Hub, Publication, SharedHistory } from '@tickwire/hub';
import type { Position } from '@tickwire/protocol';
import type { SymbolCatalog } from '../../catalog.js';
import { historyLimitParameter, parsePosition } from '../../protocols/channel-options.js';
import { newestPublications, publicationsAfter } from '../../protocols/history-pages.js';
import type { ApiHandler } from './api.js';
import { jsonWith, type MessageTextOptions, messageTexts } from './message-texts.js';
import { channelOf } from './parameters.js';
import { ApiProblem } from './problem.js';

export const defaultHistoryLimit = 100;

export interface HistoryOptions extends MessageTextOptions {
  readonly hub: Pick<Hub, 'readHistory'>;
  readonly catalog: Pick<SymbolCatalog, 'knows'>;
}

/**
 * `GET /api/history?channel=a`: the newest messages, oldest first. With `since=<epoch>:<seq>` those after that position,
 * and `recovered` says whether none is missing; where it cannot be had, the newest as without.
 */
export const historyHandler =
  ({ hub, catalog, budget }: HistoryOptions): ApiHandler =>
  async ({ query }) => {
    const channel = channelOf(query.get('channel'), catalog);
    const limit = limitOf(query.get('limit'));
    const since = sinceOf(query.get('since'));
    const { publications, ...fields } = await hub.readHistory((history) => read(history, channel, limit, since));
    const messages = await messageTexts(publications, budget);
    return { body: jsonWith({ channel, ...fields }, 'messages', messages) };
  };

interface Found {
  readonly recovered?: boolean;
  readonly position: Position | null;
  readonly more: boolean;
  readonly publications: readonly Publication[];
}

const read = async (
  history: Pick<SharedHistory, 'read' | 'position'>,
  channel: string,
  limit: number,
  since: Position | undefined,
): Promise<Found> => {
  const top = await history.position(channel);
  if (since !== undefined && top?.epoch === since.epoch && top.seq >= since.seq) {
    const publications = await publicationsAfter(history, channel, top, since.seq, limit);
    const reached = since.seq + publications.length;
    // Without any, the message right after the position is gone.
    if (publications.length > 0 || reached === top.seq) {
      const position = newer(top, publications);
      return { recovered: true, position, more: reached < position.seq, publications };
    }
  }
  const publications = top === null ? [] : await newestPublications(history, channel, top, limit);
  return { ...(since && { recovered: false }), position: top && newer(top, publications), more: false, publications };
};

/** What was published while history was read may be among what was read. */
const newer = (top: Position, publications: readonly Publication[]): Position => {
  const last = publications.at(-1)?.position;
  return last !== undefined && last.epoch === top.epoch && last.seq > top.seq ? last : top;
};

/** @throws ApiProblem */
const sinceOf = (text: string | null): Position | undefined => {
  if (text === null) return undefined;
  const position = parsePosition(text);
  if (position === undefined) throw new ApiProblem('bad-request', 'since must be <epoch>:<seq>');
  return position;
};

/** @throws ApiProblem */
const limitOf = (text: string | null): number => {
  const parsed = historyLimitParameter.default(defaultHistoryLimit).safeParse(text ?? undefined);
  if (parsed.success) return parsed.data;
  throw new ApiProblem('bad-request', `limit ${parsed.error.issues[0]?.message}`);
};
