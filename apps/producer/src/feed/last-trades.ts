import type { History } from '@tickwire/channel-layer';
import type { Instrument, LastTrades } from '@tickwire/market';
import { channelName, type Trade, tradeSchema } from '@tickwire/protocol';
import type { Logger } from '@tickwire/runtime';

export interface LastTradesOptions {
  readonly history: Pick<History, 'newest'>;
  readonly logger: Pick<Logger, 'warn'>;
}

/** Reads what was published last of each of a venue's symbols. Without an answer it knows none, and says so in the log. */
export type ReadLastTrades = (venue: string, symbols: readonly string[]) => Promise<LastTrades>;

export const createLastTradesReader =
  ({ history, logger }: LastTradesOptions): ReadLastTrades =>
  async (venue, symbols) => {
    const found = new Map<string, Trade>();
    try {
      for (const { messages } of await history.newest(
        symbols.map((symbol) => channelName('trade', venue, symbol)),
        1,
      )) {
        const trade = parseTrade(messages[0], venue);
        if (trade !== undefined) found.set(trade.symbol, trade);
      }
    } catch (error) {
      logger.warn({ err: error, venue }, 'last trades unknown: what was traded since is not fetched');
    }
    return found;
  };

/** Anybody may publish on a group: what is no trade of this venue tells nothing. */
const parseTrade = (message: unknown, venue: Instrument['venue']): Trade | undefined => {
  const parsed = tradeSchema.safeParse(message);
  return parsed.success && parsed.data.venue === venue ? parsed.data : undefined;
};
