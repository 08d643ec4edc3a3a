import type { ExchangeFeedStatus } from '@tickwire/market';
import type { Health } from '@tickwire/protocol';
import { Counter, Gauge, type Registry } from 'prom-client';
import type { BarLosses } from '../pipeline/dropped-trades.js';

export interface VenueMetricsSource {
  streams(): readonly Health[];
  venues(): readonly ExchangeFeedStatus[];
  barLosses(): readonly BarLosses[];
}

type Read = (status: ExchangeFeedStatus) => number | undefined;

/** Gauges by name after `tickwire_feed_`. */
const perVenue: Readonly<Record<string, readonly [help: string, read: Read]>> = {
  connections: ['Connections now', ({ connections }) => connections.length],
  clock_offset_ms: ["The venue's clock minus ours", ({ clockOffset }) => clockOffset?.offsetMs],
  clock_error_ms: ['Half the round trip: the largest error of the offset', ({ clockOffset }) => clockOffset?.errorMs],
};

/** Counters by name between `tickwire_feed_` and `_total`. */
const countedPerVenue: Readonly<Record<string, readonly [help: string, read: (of: ExchangeFeedStatus) => number]>> = {
  connected: ['Connections that were ready once', ({ connected }) => connected],
  lost: ['Connections that ended unasked', ({ lost }) => lost],
  frames: ['Frames received', ({ frames }) => frames.frames],
  bad_frames: [
    'Frames skipped because they were damaged, hostile or too long',
    ({ frames }) => frames.bad + frames.oversize,
  ],
  bad_entries: ['Entries of frames, listings and answers left out', ({ badEntries }) => badEntries],
  ignored_frames: ['Frames of other kinds or pairs', ({ frames }) => frames.ignored],
  gaps: ['Gaps in trade ids that could not be filled', ({ trades }) => trades.gaps],
  missing_trades: ['Trades in those gaps', ({ trades }) => trades.missing],
  refilled_trades: ['Trades the stream missed and a request fetched', ({ trades }) => trades.refilled],
  duplicate_trades: ['Trades that came again', ({ trades }) => trades.duplicates],
  id_restarts: ['Times the venue began to count its trades anew', ({ trades }) => trades.restarts],
  requests: ['Requests to the REST interface', ({ rest }) => rest.requests],
  failed_requests: ['Requests without a usable answer', ({ rest }) => rest.failures + rest.refused],
};

/** Metrics by name after `tickwire_`. */
const perInterval = {
  late_trades_total: ['Trades that came after their bar was closed', ({ lateTrades }) => lateTrades],
  ahead_trades_total: ['Trades left out of bars because they lie far in the future', ({ aheadTrades }) => aheadTrades],
  skipped_bars_total: ['Bars without a trade not made, in a long silence', ({ skippedBars }) => skippedBars],
} as const satisfies Readonly<Record<string, readonly [help: string, read: (losses: BarLosses) => number]>>;

const states = ['live', 'stale', 'down', 'resync'] as const;

/**
 * Registers the metrics of each exchange, and its number of streams by state. There are series by venue, not by symbol.
 */
export const registerVenueMetrics = (registry: Registry, source: () => VenueMetricsSource | undefined): void => {
  const registers = [registry];
  for (const [name, [help, read]] of Object.entries(perVenue)) {
    const gauge = new Gauge({
      name: `tickwire_feed_${name}`,
      help,
      labelNames: ['venue'],
      registers,
      collect() {
        for (const status of source()?.venues() ?? []) {
          const value = read(status);
          if (value !== undefined) gauge.set({ venue: status.venue }, value);
        }
      },
    });
  }
  for (const [name, [help, read]] of Object.entries(countedPerVenue)) {
    const counter = new Counter({
      name: `tickwire_feed_${name}_total`,
      help,
      labelNames: ['venue'],
      registers,
      collect() {
        counter.reset();
        for (const status of source()?.venues() ?? []) counter.inc({ venue: status.venue }, read(status));
      },
    });
  }
  for (const [name, [help, read]] of Object.entries(perInterval)) {
    const counter = new Counter({
      name: `tickwire_${name}`,
      help,
      labelNames: ['venue', 'interval'],
      registers,
      collect() {
        counter.reset();
        for (const losses of source()?.barLosses() ?? []) {
          const { venue, interval } = losses;
          counter.inc({ venue, interval }, read(losses));
        }
      },
    });
  }
  const streams = new Gauge({
    name: 'tickwire_feed_streams',
    help: 'Streams by the state they are in',
    labelNames: ['venue', 'state'],
    registers,
    collect() {
      const all = source()?.streams() ?? [];
      for (const venue of new Set(all.map((stream) => stream.venue))) {
        for (const state of states) {
          const count = all.filter((stream) => stream.venue === venue && stream.state === state).length;
          streams.set({ venue, state }, count);
        }
      }
    },
  });
};
