import type { ClockOffset } from './clock-offset.js';
import type { FrameCounters } from './frame-reader.js';
import type { InstrumentStatus, Watched } from './instrument.js';
import type { Link, LinkConnection } from './link.js';
import type { RestCounters } from './rest-client.js';
import type { TradeLineCounters } from './trade-line.js';

export interface ExchangeFeedStatus {
  readonly venue: string;
  /** The venue's clock minus ours; absent until measured, and where the venue tells no time. */
  readonly clockOffset?: ClockOffset;
  readonly connections: readonly LinkConnection[];
  readonly instruments: readonly InstrumentStatus[];
  readonly frames: Readonly<FrameCounters>;
  readonly trades: Readonly<TradeLineCounters>;
  readonly rest: Readonly<RestCounters>;
  /** Connections that were ready once. */
  readonly connected: number;
}

interface Parts {
  readonly links: readonly Link[];
  readonly watched: readonly Watched[];
  readonly clockOffset: ClockOffset | undefined;
}

export const statusOf = (
  own: Pick<ExchangeFeedStatus, 'venue' | 'frames' | 'rest' | 'connected'>,
  { links, watched, clockOffset }: Parts,
): ExchangeFeedStatus => {
  const trades: TradeLineCounters = { duplicates: 0, gaps: 0, missing: 0, restarts: 0 };
  for (const { counters } of watched) {
    trades.duplicates += counters.duplicates;
    trades.gaps += counters.gaps;
    trades.missing += counters.missing;
    trades.restarts += counters.restarts;
  }
  return {
    ...own,
    trades,
    ...(clockOffset && { clockOffset }),
    connections: links.flatMap((link) => link.connections),
    instruments: watched.map(({ status }) => status),
  };
};
