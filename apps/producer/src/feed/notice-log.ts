import type { FeedNotice } from '@tickwire/market';
import type { Logger } from '@tickwire/runtime';

export interface NoticeLogOptions {
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  readonly now: () => number;
}

/** One line about bad frames of a venue in this time: a venue may send a thousand a second. */
const badFrameMs = 10_000;

/** Writes what happens to feeds into the log. */
export const createNoticeLog = ({ logger, now }: NoticeLogOptions): ((notice: FeedNotice) => void) => {
  const badFrames = new Map<string, { dueAt: number; unsaid: number }>();

  return (notice) => {
    const { venue, kind, ...details } = notice;
    if (kind === 'connecting' || kind === 'connected' || kind === 'replacing' || kind === 'replaced') {
      logger.info({ venue, ...details }, `feed ${kind}`);
      return;
    }
    if (kind !== 'bad-frame') {
      logger.warn({ venue, ...details }, `feed ${kind}`);
      return;
    }
    const at = now();
    const known = badFrames.get(venue) ?? { dueAt: 0, unsaid: 0 };
    badFrames.set(venue, known);
    known.unsaid += 1;
    if (at < known.dueAt) return;
    logger.warn({ venue, ...details, frames: known.unsaid }, 'feed bad-frame');
    known.dueAt = at + badFrameMs;
    known.unsaid = 0;
  };
};
