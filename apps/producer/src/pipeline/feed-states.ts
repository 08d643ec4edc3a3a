import type { Health } from '@tickwire/protocol';
import type { Trouble } from './stream-health.js';

/** The state of a feed: all streams of one venue. */
export interface FeedSummary {
  readonly name: string;
  /** State of its best stream: a single live stream shows that the venue works. */
  readonly state: Health['state'];
  /** Number of live streams, of `streams`. */
  readonly live: number;
  readonly streams: number;
  /** When the best stream entered that state. */
  readonly since: number;
  /** The last trouble of any stream. */
  readonly trouble?: Trouble & { readonly symbol: string };
}

export interface StreamState {
  readonly health: Health;
  readonly lastTrouble: Trouble | undefined;
}

/** Best first. */
const order: readonly Health['state'][] = ['live', 'resync', 'stale', 'down'];

/** Summaries in the order of each venue's first stream. */
export const feedStates = (streams: readonly StreamState[]): readonly FeedSummary[] => {
  const venues = new Map<string, FeedSummary>();
  for (const { health, lastTrouble } of streams) {
    const { venue, symbol, state, since } = health;
    const known = venues.get(venue) ?? { name: venue, state, live: 0, streams: 0, since };
    const isBetter = order.indexOf(state) < order.indexOf(known.state);
    const isLonger = state === known.state && since < known.since;
    const isNewer = lastTrouble !== undefined && lastTrouble.at > (known.trouble?.at ?? Number.NEGATIVE_INFINITY);
    venues.set(venue, {
      ...known,
      ...((isBetter || isLonger) && { state, since }),
      live: known.live + Number(state === 'live'),
      streams: known.streams + 1,
      ...(isNewer && { trouble: { ...lastTrouble, symbol } }),
    });
  }
  return [...venues.values()];
};
