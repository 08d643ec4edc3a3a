import type { Health } from '@tickwire/protocol';
import type { Trouble } from './stream-health.js';

/** How a feed fares: all streams of one venue. */
export interface FeedSummary {
  readonly name: string;
  /** Of its best stream: one that is live shows that the venue is there. */
  readonly state: Health['state'];
  /** How many are live, of how many. */
  readonly live: number;
  readonly streams: number;
  /** Since when the best stream is in that state. */
  readonly since: number;
  /** The last of any stream. */
  readonly trouble?: Trouble & { readonly symbol: string };
}

export interface StreamState {
  readonly health: Health;
  readonly lastTrouble: Trouble | undefined;
}

/** The best first. */
const order: readonly Health['state'][] = ['live', 'resync', 'stale', 'down'];

/** In the order in which venues come first. */
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
