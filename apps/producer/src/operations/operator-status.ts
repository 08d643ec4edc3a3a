import type { ChannelLayer } from '@tickwire/channel-layer';
import { createOperatorSignature, createRecentEvents, type Running } from '@tickwire/runtime';
import type { FeedSummary } from '../pipeline/feed-states.js';
import type { Producer } from '../producer.js';

export interface OperatorStatusOptions {
  readonly producer: Pick<Producer, 'isLeading' | 'buffered' | 'counters' | 'feeds'>;
  readonly layer: Pick<ChannelLayer, 'groupSend'>;
  /** Nobody else's. */
  readonly owner: string;
  /** Of operators; without it what is told cannot be told from what somebody else made up, and is shown so. */
  readonly token: string | undefined;
  /** @default 2_000 */
  readonly everyMs?: number;
  /** @default Date.now */
  readonly now?: () => number;
}

/** Goes with each message. */
const maxEvents = 50;
const maxFeeds = 100;
/** Reasons come from elsewhere, and some are long. */
const maxReasonLength = 300;

/** Tells operators how a producer fares, who see it at any gateway's `/admin`. What gets lost is told again. */
export const tellOperators = (options: OperatorStatusOptions): Running => {
  const { producer, layer, owner, token, everyMs = 2_000, now = Date.now } = options;
  const signature = token === undefined ? undefined : createOperatorSignature(token);
  const events = createRecentEvents({ size: maxEvents, now });
  let wasLeading = false;
  let overflowed = 0;
  const feedWas = new Map<string, string>();

  const feeds = (): readonly FeedSummary[] =>
    producer
      .feeds()
      .slice(0, maxFeeds)
      .map(({ trouble, ...feed }) => ({
        ...feed,
        ...(trouble && { trouble: { ...trouble, reason: trouble.reason.slice(0, maxReasonLength) } }),
      }));

  const noteChanges = (): void => {
    const { isLeading, counters } = producer;
    if (isLeading !== wasLeading) events.add('leader', isLeading ? 'elected' : 'leads no more');
    wasLeading = isLeading;
    const lost = counters().overflowed - overflowed;
    if (lost > 0) events.add('loss', 'messages went out of a full buffer while Redis was out of reach', lost);
    overflowed += lost;
    for (const { name, state, trouble } of feeds()) {
      const before = feedWas.get(name);
      feedWas.set(name, state);
      if (before === state) continue;
      const why = state === 'live' || trouble === undefined ? '' : `: ${trouble.reason}`;
      events.add('feed', `${name} is ${state}${why}`);
    }
  };

  const tell = (): void => {
    noteChanges();
    const { published } = producer.counters();
    const status = JSON.stringify({
      ...{ owner, published, overflowed },
      isLeading: producer.isLeading,
      buffered: producer.buffered,
      feeds: feeds(),
      events: events.recent(),
    });
    const at = now();
    const mac = signature?.sign(['producer', status], at);
    const message = { type: 'producer.status', status, at, ...(mac !== undefined && { mac }) };
    layer.groupSend('tickwire.producers', message).catch(() => {});
  };

  tell();
  const timer = setInterval(tell, everyMs);
  return {
    close() {
      clearInterval(timer);
      // Who closes it after the producer tells that nobody leads here any more.
      tell();
      return Promise.resolve();
    },
  };
};
