import { barKind, type ChannelKind, channelName } from './channel-names.js';
import type { MarketMessage } from './messages.js';

/** Returns the channel a message belongs on. */
export const channelOf = (message: MarketMessage): string =>
  channelName(kindOf(message), message.venue, message.symbol);

const kindOf = (message: MarketMessage): ChannelKind => {
  switch (message.type) {
    case 'price.trade':
      return 'trade';
    case 'price.ticker':
      return 'ticker';
    case 'price.bar':
      return barKind(message.interval);
    case 'price.forecast':
      return 'forecast';
    case 'feed.health':
      return 'health';
    case 'feed.gap':
      return 'gap';
  }
};
