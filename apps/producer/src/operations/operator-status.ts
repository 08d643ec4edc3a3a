import type { GroupLayer } from '@tickwire/channel-layer';
import { createEnvelope, createRecentEvents, fleetGroups } from '@tickwire/fleet';
import { type Clock, createSystemClock, type ProducerState } from '@tickwire/protocol';
import type { Running } from '@tickwire/runtime';
import type { FeedSummary } from '../pipeline/feed-states.js';
import type { Producer } from '../producer.js';

export interface OperatorStatusOptions {
  readonly producer: Pick<
    Producer,
    'isLeading' | 'buffered' | 'counters' | 'feeds' | 'stalled' | 'setAside' | 'retention' | 'feedDifference'
  >;
  readonly layer: Pick<GroupLayer, 'groupSend'>;
  /** Unique among producers. */
  readonly owner: string;
  /** The operators' token. Without it reports are shown as unverified, because anyone could forge them. */
  readonly token: string | undefined;
  /** @default 2_000 */
  readonly everyMs?: number;
  /** @default the system's */
  readonly clock?: Clock;
}

/** Each report carries all of them. */
const maxEvents = 50;
const maxFeeds = 100;
const maxSetAside = 1_000;
/** Reasons come from other systems, and some are long. */
const maxReasonLength = 300;

/**
 * Reports a producer's state to operators, who see it at `/admin` of any gateway. The next report replaces a lost one.
 */
export const reportToOperators = (options: OperatorStatusOptions): Running => {
  const { producer, layer, owner, token, everyMs = 2_000, clock = createSystemClock() } = options;
  const envelope = createEnvelope({ token, clock });
  const events = createRecentEvents({ size: maxEvents, clock });
  let wasLeading = false;
  let overflowed = 0;
  let wasStalled = false;
  let difference: string | undefined;
  let wasAside: ReadonlySet<string> = new Set();
  let reductions = 0;
  const feedWas = new Map<string, string>();

  const feeds = (): readonly FeedSummary[] =>
    producer
      .feeds()
      .slice(0, maxFeeds)
      .map(({ trouble, ...feed }) => ({
        ...feed,
        ...(trouble && { trouble: { ...trouble, reason: trouble.reason.slice(0, maxReasonLength) } }),
      }));

  const notePublishing = (): void => {
    const { stalled, retention } = producer;
    if (stalled !== undefined && !wasStalled) events.add('publish', `nothing can be published: ${stalled.reason}`);
    else if (stalled === undefined && wasStalled) events.add('publish', 'publishing continues');
    wasStalled = stalled !== undefined;
    const reasons = producer.setAside();
    for (const [group, reason] of reasons) {
      if (!wasAside.has(group)) events.add('publish', `${group} is set aside: ${reason}`);
    }
    for (const group of wasAside) if (!reasons.has(group)) events.add('publish', `${group} is accepted again`);
    wasAside = new Set(reasons.keys());
    const shortened = retention.reductions - reductions;
    if (shortened > 0) events.add('loss', 'Redis is full: history was shortened', shortened);
    reductions += shortened;
  };

  const noteChanges = (): void => {
    const { isLeading, counters } = producer;
    if (isLeading !== wasLeading) events.add('leader', isLeading ? 'elected' : 'no longer leader');
    wasLeading = isLeading;
    const lost = counters().overflowed - overflowed;
    if (lost > 0) events.add('loss', 'buffer full while Redis was out of reach: oldest messages dropped', lost);
    overflowed += lost;
    notePublishing();
    const { feedDifference } = producer;
    if (feedDifference !== undefined && feedDifference !== difference) events.add('feed', feedDifference);
    difference = feedDifference;
    for (const { name, state, trouble } of feeds()) {
      const before = feedWas.get(name);
      feedWas.set(name, state);
      if (before === state) continue;
      const why = state === 'live' || trouble === undefined ? '' : `: ${trouble.reason}`;
      events.add('feed', `${name} is ${state}${why}`);
    }
  };

  const report = (): void => {
    noteChanges();
    const state: ProducerState = {
      owner,
      isLeading: producer.isLeading,
      buffered: producer.buffered,
      published: producer.counters().published,
      overflowed,
      setAside: [...producer.setAside().keys()].slice(0, maxSetAside),
      feeds: feeds(),
      events: events.recent(),
    };
    const letter = envelope.seal({ kind: 'report', from: owner, topic: 'producer', body: JSON.stringify(state) });
    // The next report follows soon, and the layer's own loss is logged and counted where it happens.
    layer.groupSend(fleetGroups.producers, letter).catch(() => {});
  };

  let cancelNext: () => void;
  const reportNext = (): void => {
    report();
    cancelNext = clock.after(everyMs, reportNext);
  };
  reportNext();
  return {
    close() {
      cancelNext();
      // This closes after the producer, so the last report says that it no longer leads.
      report();
      return Promise.resolve();
    },
  };
};
