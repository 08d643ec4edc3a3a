import type { Instrument } from '@tickwire/market';
import { createSystemClock } from '@tickwire/protocol';
import type { Logger } from '@tickwire/runtime';
import type { FeedConfig } from './feed-config.js';
import type { ReadLastTrades } from './last-trades.js';
import { openFeed } from './open-feed.js';

/** What a feed would bring, from the venue's own list or the recording. @throws what the start of a producer does */
export const listInstruments = async (config: FeedConfig, logger: Logger): Promise<readonly Instrument[]> => {
  const noLastTrades: ReadLastTrades = () => Promise.resolve(new Map());
  const { feed } = await openFeed(config, () => Promise.resolve(), logger, noLastTrades, createSystemClock());
  await feed.close();
  return feed.instruments;
};
