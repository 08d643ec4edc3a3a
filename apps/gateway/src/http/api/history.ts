import type { History } from '@tickwire/channel-layer';
import type { Position } from '@tickwire/protocol';
import type { SymbolCatalog } from '../../catalog.js';
import { historyLimitParameter, parsePosition } from '../../protocols/channel-options.js';
import type { ApiHandler } from './api.js';
import { channelOf } from './channels.js';
import { ApiProblem } from './problem.js';

export const defaultHistoryLimit = 100;

export interface HistoryOptions {
  readonly history: Pick<History, 'read' | 'newest'>;
  readonly catalog: Pick<SymbolCatalog, 'knows'>;
}

/**
 * `GET /api/history?channel=a`: the newest messages, oldest first. With `since=<epoch>:<seq>` those after that position,
 * and `recovered` says whether none is missing; where it cannot be had, the newest as without.
 */
export const historyHandler =
  ({ history, catalog }: HistoryOptions): ApiHandler =>
  async ({ query }) => {
    const channel = channelOf(query.get('channel'), catalog);
    const limit = limitOf(query.get('limit'));
    const since = sinceOf(query.get('since'));
    const after = since && (await readAfter(history, channel, since, limit));
    if (after !== undefined) return { body: { channel, recovered: true, ...after } };
    const [range] = await history.newest([channel], limit);
    const { position = null, messages = [] } = range ?? {};
    return { body: { channel, ...(since && { recovered: false }), position, messages, more: false } };
  };

/** Undefined when history no longer holds the message right after the position. */
const readAfter = async (history: Pick<History, 'read'>, channel: string, since: Position, limit: number) => {
  const { position, messages } = await history.read(channel, { afterSeq: since.seq, limit });
  if (position === null || position.epoch !== since.epoch || position.seq < since.seq) return undefined;
  const reached = since.seq + messages.length;
  if (messages.length === 0 && reached < position.seq) return undefined;
  return { position, messages, more: reached < position.seq };
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
