import type { FeedEvent, Instrument } from '@tickwire/market';

/** What an event is about; undefined for the end of a feed. */
export const instrumentOf = (event: FeedEvent): Instrument | undefined => {
  switch (event.kind) {
    case 'trade':
      return event.trade;
    case 'quote':
      return event.quote;
    case 'stats':
      return event.stats;
    case 'gap':
      return event.gap;
    case 'state':
      return event.state;
    case 'end':
      return undefined;
  }
};
