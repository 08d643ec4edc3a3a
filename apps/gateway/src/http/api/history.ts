import type { Hub, Publication, SharedHistory } from '@tickwire/hub';
import type { Position } from '@tickwire/protocol';
import type { SymbolCatalog } from '../../catalog.js';
import { historyLimitParameter, parsePosition } from '../../protocols/channel-options.js';
import { newestPublications, publicationsAfter, publicationsBefore } from '../../protocols/history-pages.js';
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
 * and `recovered` says whether none is missing; where it cannot be had, the newest as without. With `before` the newest
 * of those before that position.
 */
export const historyHandler =
  ({ hub, catalog, turns }: HistoryOptions): ApiHandler =>
  async ({ query }) => {
    const channel = channelOf(query.get('channel'), catalog);
    const limit = limitOf(query.get('limit'));
    const since = positionOf('since', query.get('since'));
    const before = positionOf('before', query.get('before'));
    if (since !== undefined && before !== undefined) {
      throw new ApiProblem('bad-request', 'since and before cannot be given together');
    }
    const { publications, ...fields } = await hub.readHistory((history) =>
      before === undefined ? read(history, channel, limit, since) : readBefore(history, channel, limit, before),
    );
    const messages = await messageTexts(publications, turns);
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
    const publications = await publicationsAfter(history, channel, top, { seq: since.seq, limit });
    const reached = since.seq + publications.length;
    // Without any, the message right after the position is gone.
    if (publications.length > 0 || reached === top.seq) {
      const position = newer(top, publications);
      return { recovered: true, position, more: reached < position.seq, publications };
    }
  }
  return { ...(since && { recovered: false }), ...(await newest(history, channel, top, limit)) };
};

const readBefore = async (
  history: Pick<SharedHistory, 'read' | 'position'>,
  channel: string,
  limit: number,
  before: Position,
): Promise<Found> => {
  const top = await history.position(channel);
  if (top?.epoch !== before.epoch || top.seq < before.seq - 1)
    return { recovered: false, ...(await newest(history, channel, top, limit)) };
  const publications = [...(await publicationsBefore(history, channel, top, { seq: before.seq, limit }))].reverse();
  // None is missing right before the position: what is older than the oldest is no longer kept, or not asked for.
  const recovered = publications.length === 0 || publications.at(-1)?.position?.seq === before.seq - 1;
  return { recovered, position: newer(top, publications), more: publications.length === limit, publications };
};

const newest = async (
  history: Pick<SharedHistory, 'read' | 'position'>,
  channel: string,
  top: Position | null,
  limit: number,
): Promise<Found> => {
  const publications = top === null ? [] : await newestPublications(history, channel, top, limit);
  return { position: top && newer(top, publications), more: false, publications };
};

/** The pages may hold publications that are newer than the position read first. */
const newer = (top: Position, publications: readonly Publication[]): Position => {
  const last = publications.at(-1)?.position;
  return last !== undefined && last.epoch === top.epoch && last.seq > top.seq ? last : top;
};

/** @throws ApiProblem */
const positionOf = (name: string, text: string | null): Position | undefined => {
  if (text === null) return undefined;
  const position = parsePosition(text);
  if (position === undefined) throw new ApiProblem('bad-request', `${name} must be <epoch>:<seq>`);
  return position;
};

/** @throws ApiProblem */
const limitOf = (text: string | null): number => {
  const parsed = historyLimitParameter.default(defaultHistoryLimit).safeParse(text ?? undefined);
  if (parsed.success) return parsed.data;
  throw new ApiProblem('bad-request', `limit ${parsed.error.issues[0]?.message}`);
};
