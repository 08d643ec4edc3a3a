import type { FeedNotice } from '@tickwire/market';
import { createStateLog, type Logger, type StateLog } from '@tickwire/runtime';

export interface NoticeLogOptions {
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Monotonic. */
  readonly now: () => number;
}

/** One line about bad frames of a venue in this time: a venue may send a thousand a second. */
const badFrameMs = 10_000;

/** Writes what happens to feeds into the log. */
export const createNoticeLog = ({ logger, now }: NoticeLogOptions): ((notice: FeedNotice) => void) => {
  const logs = new Map<string, StateLog>();
  const logOf = (venue: string): StateLog => {
    const log = logs.get(venue) ?? createStateLog({ logger, trouble: 'feed bad-frame', everyMs: badFrameMs, now });
    logs.set(venue, log);
    return log;
  };

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
    logOf(venue).failed({ venue, ...details });
  };
};
