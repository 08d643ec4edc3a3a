import type { FeedNotice } from '@tickwire/market';
import { createStateLog, type Logger, type StateLog } from '@tickwire/runtime';

export interface NoticeLogOptions {
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** A venue may send a thousand bad frames or entries a second: they make one line in this time. */
const badFrameMs = 10_000;

/** Logs the notices of feeds. */
export const createNoticeLog = ({ logger, now }: NoticeLogOptions): ((notice: FeedNotice) => void) => {
  const logs = new Map<string, StateLog>();
  const logOf = (venue: string, kind: string): StateLog => {
    const key = `${venue} ${kind}`;
    const log = logs.get(key) ?? createStateLog({ logger, trouble: `feed ${kind}`, everyMs: badFrameMs, now });
    logs.set(key, log);
    return log;
  };

  return (notice) => {
    const { venue, kind, ...details } = notice;
    if (usual.has(kind)) {
      logger.info({ venue, ...details }, `feed ${kind}`);
      return;
    }
    if (kind !== 'bad-frame' && kind !== 'bad-entry') {
      logger.warn({ venue, ...details }, `feed ${kind}`);
      return;
    }
    logOf(venue, kind).failed({ venue, ...details });
  };
};

const usual: ReadonlySet<FeedNotice['kind']> = new Set([
  'connecting',
  'connected',
  'replacing',
  'replaced',
  'listed',
  'listing-changed',
]);
