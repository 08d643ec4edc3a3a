import type { FeedNotice } from '@tickwire/market';
import { createSeldom, type Logger } from '@tickwire/runtime';

export interface NoticeLogOptions {
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Monotonic. */
  readonly now: () => number;
}

/** One line about bad frames of a venue in this time: a venue may send a thousand a second. */
const badFrameMs = 10_000;

/** Writes what happens to feeds into the log. */
export const createNoticeLog = ({ logger, now }: NoticeLogOptions): ((notice: FeedNotice) => void) => {
  const seldom = createSeldom({ everyMs: badFrameMs, now });

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
    seldom(venue, (frames) => logger.warn({ venue, ...details, frames }, 'feed bad-frame'));
  };
};
