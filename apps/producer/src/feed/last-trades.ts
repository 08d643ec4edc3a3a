import type { History } from '@tickwire/channel-layer';
import type { Instrument, LastTrades } from '@tickwire/market';
import { channelName, type Trade, tradeSchema } from '@tickwire/protocol';
import type { Logger } from '@tickwire/runtime';

export interface LastTradesOptions {
  readonly history: Pick<History, 'newest'>;
  readonly logger: Pick<Logger, 'warn'>;
}

/**
 * Reads the last published trade of each symbol of a venue. If history does not answer, it returns none and logs that.
 */
export type ReadLastTrades = (venue: string, symbols: readonly string[]) => Promise<LastTrades>;

export const createLastTradesReader =
  ({ history, logger }: LastTradesOptions): ReadLastTrades =>
  async (venue, symbols) => {
    const found = new Map<string, Trade>();
    const unreadable: string[] = [];
    try {
      for (const { group, messages } of await history.newest(
        symbols.map((symbol) => channelName('trade', venue, symbol)),
        1,
      )) {
        const trade = parseTrade(messages[0], venue);
        if (trade !== undefined) found.set(trade.symbol, trade);
        else if (messages.length > 0) unreadable.push(group);
      }
    } catch (error) {
      logger.warn({ err: error, venue }, 'last trades unknown: what was traded since is not fetched');
    }
    if (unreadable.length > 0) {
      const [first] = unreadable;
      logger.warn(
        { venue, first, times: unreadable.length },
        'last trades unreadable: what was traded since is not fetched',
      );
    }
    return found;
  };

/** Another program or another version may have published there: anything but a trade of this venue is ignored. */
const parseTrade = (message: unknown, venue: Instrument['venue']): Trade | undefined => {
  const parsed = tradeSchema.safeParse(message);
  return parsed.success && parsed.data.venue === venue ? parsed.data : undefined;
};
