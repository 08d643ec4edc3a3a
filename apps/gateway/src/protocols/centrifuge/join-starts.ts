import type { Session, Snapshots } from '@tickwire/hub';
import type { CentrifugeContext } from './context.js';
import type { SubscribeResult } from './reply.js';
import { requestsOf, retryOf, type SubscriptionStarts, subscribeResult } from './subscription-start.js';

/** The result of each channel that a client subscribes to. */
export type SubscribeResults = ReadonlyMap<string, SubscribeResult>;

/**
 * Follows channels from the requested starts. `begin` is called once, with the results of all channels at one instant:
 * what it sends comes before everything published from then on. If it returns false, none of them is followed. It is
 * not called if the session closed, or `unsubscribe` was called, before that.
 * @throws DeadlineExceeded, or what the hub throws.
 */
export const joinStarts = (
  { hub, inTime }: Pick<CentrifugeContext, 'hub' | 'inTime'>,
  session: Session,
  starts: SubscriptionStarts,
  begin: (results: SubscribeResults, snapshots: Snapshots) => boolean,
): Promise<void> => {
  let asked = requestsOf(starts);
  return hub.join(
    session,
    asked,
    (snapshots) => {
      const retry = retryOf(asked, snapshots);
      asked = retry ?? asked;
      if (retry !== undefined) return { retry };
      const results = new Map<string, SubscribeResult>();
      for (const [channel, start] of starts) {
        const snapshot = snapshots.get(channel);
        if (snapshot !== undefined) results.set(channel, subscribeResult(snapshot, start));
      }
      return begin(results, snapshots) ? 'join' : 'leave';
    },
    { inTime },
  );
};
