import {
  createCcxtFeed,
  createCombinedFeed,
  createExchangeFeed,
  type ExchangeFeedStatus,
  type Feed,
  type FeedNotice,
  type LastTrades,
  type Market,
  MarketError,
  readCcxtMarket,
  readMarket,
} from '@tickwire/market';
import type { Clock } from '@tickwire/protocol';
import { ConfigError, type Logger, StartError } from '@tickwire/runtime';
import { assignSymbols } from './assign-symbols.js';
import type { ExchangesConfig, VenueConfig } from './feed-config.js';
import type { ReadLastTrades } from './last-trades.js';
import { createNoticeLog } from './notice-log.js';

export interface OpenExchanges {
  readonly feed: Feed;
  /** Status of each venue with its own adapter. */
  statuses(): readonly ExchangeFeedStatus[];
}

interface Listed {
  readonly config: VenueConfig;
  /** Undefined if the venue's list could not be read. */
  readonly market: Market | undefined;
}

/**
 * Reads the lists of the venues, and combines their feeds into one that continues after the last published trades. An
 * unreachable venue stops neither the others nor the start: its feed retries.
 * @throws ConfigError for symbols that are not listed, StartError if ccxt cannot be loaded
 */
export const openExchanges = async (
  { venues, symbols, listingMs }: ExchangesConfig,
  logger: Logger,
  readLastTrades: ReadLastTrades,
  clock: Clock,
): Promise<OpenExchanges> => {
  const onNotice = createNoticeLog({ logger, now: clock.monotonic });
  const listed = await Promise.all(venues.map((config) => listingOf(config, symbols, logger, onNotice)));
  const wanted = symbolsOf(listed, symbols);
  const statuses: (() => ExchangeFeedStatus)[] = [];

  const open = ({ config, market }: Listed): Feed => {
    const { venue } = config;
    const readLast = (taken: readonly string[]): Promise<LastTrades> => readLastTrades(venue, taken);
    const common = { symbols: wanted.get(venue) ?? [], onNotice, readLastTrades: readLast, clock, listingMs };
    if (config.kind === 'ccxt') return createCcxtFeed({ ...common, exchange: venue, config: config.options });
    const known = market && { listing: market.listed, volumes: market.volumes };
    const feed = createExchangeFeed({ ...common, venue: config.venue, urls: config.urls, ...known });
    statuses.push(feed.status);
    return feed;
  };

  const feeds = listed.map(open);
  return {
    feed: feeds.length === 1 && feeds[0] ? feeds[0] : createCombinedFeed(feeds),
    statuses: () => statuses.map((status) => status()),
  };
};

const symbolsOf = (listed: readonly Listed[], symbols: readonly string[]): ReadonlyMap<string, readonly string[]> => {
  const listings = listed.map(({ config: { venue }, market }) => ({ venue, market }));
  if (symbols.length > 0) return assignSymbols(symbols, listings);
  return new Map(
    listed.flatMap(({ config, market }) => [
      ...assignSymbols(config.defaultSymbols, [{ venue: config.venue, market }], 'SYMBOLS is not set'),
    ]),
  );
};

const listingOf = async (
  config: VenueConfig,
  symbols: readonly string[],
  logger: Logger,
  onNotice: (notice: FeedNotice) => void,
): Promise<Listed> => {
  try {
    if (config.kind === 'ccxt') {
      const { venue: exchange, options } = config;
      return { config, market: await readCcxtMarket({ exchange, symbols, config: options }) };
    }
    const { venue, urls } = config;
    const onBadEntry = (reason: string): void => onNotice({ venue, kind: 'bad-entry', reason });
    return {
      config,
      market: await readMarket(venue, symbols, { onBadEntry, ...(urls.rest && { restUrls: urls.rest }) }),
    };
  } catch (error) {
    if (!(error instanceof MarketError)) throw error;
    if (error.code === 'venue-unreachable') {
      logger.warn({ venue: config.venue, reason: error.message }, 'listing out of reach: asking again');
      return { config, market: undefined };
    }
    // An unknown exchange, or one without streams, is a bad FEED; a missing package is not.
    if (error.code === 'unknown-venue' || error.code === 'bad-option')
      throw new ConfigError(`FEED is "ccxt:${config.venue}", but ${error.message}`, { cause: error });
    throw new StartError(`FEED=ccxt:${config.venue}: ${error.message}`, { cause: error });
  }
};
