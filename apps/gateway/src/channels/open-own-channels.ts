import {
  createPublishOwn,
  type GroupPublisher,
  type OwnCatalog,
  type OwnCatalogOptions,
  openOwnCatalog,
  type PublishOwn,
} from '@tickwire/channel-layer';
import { type CatalogEntry, createOwnChannels, type OwnChannelRule, type OwnChannels } from '@tickwire/protocol';
import { createStateLog, type Logger } from '@tickwire/runtime';
import type { SymbolCatalog } from '../catalog.js';
import type { CatalogSource } from '../catalog-parts.js';
import { createRetryingTaps } from '../retrying-taps.js';

export interface OwnChannelsOptions {
  readonly rules: readonly OwnChannelRule[];
  /** What the producer reports. */
  readonly produced: SymbolCatalog;
  readonly hub: CatalogSource;
  readonly publisher: GroupPublisher;
  readonly logger: Pick<Logger, 'warn' | 'info'>;
  /** Milliseconds since the Unix epoch, for labels. @default Date.now */
  readonly now?: () => number;
}

/** Your own channels: publishing on them, and a catalog of all symbols, theirs and the producer's. */
export interface OpenOwnChannels {
  readonly channels: OwnChannels;
  readonly publish: PublishOwn;
  readonly catalog: SymbolCatalog;
  /** Number of symbols that are not listed; see `OwnCatalog`. */
  unlisted(): number;
  close(): void;
}

const none: OwnCatalog = {
  entries: [],
  unlisted: 0,
  isAnnounced: true,
  add() {},
  settled: () => Promise.resolve(),
  close() {},
};

/** @throws what the layer throws when it cannot subscribe. */
export const openOwnChannels = async (options: OwnChannelsOptions): Promise<OpenOwnChannels> => {
  const { rules, produced, hub, publisher, logger, now = Date.now } = options;
  const channels = createOwnChannels(rules);
  const log = createStateLog({
    logger,
    trouble: 'symbols of own channels cannot be announced: other gateways do not list them',
    over: 'symbols of own channels are announced again',
  });
  const onFull: OwnCatalogOptions['onFull'] = ({ venue, symbol }, listed) =>
    logger.warn({ venue, symbol, listed }, 'further symbols of own channels can be followed, and are not listed');
  const { tap } = createRetryingTaps({ hub, logger });
  const own = rules.some(({ schema }) => schema !== 'json')
    ? await openOwnCatalog({ tap, publisher, log, onFull })
    : none;
  return {
    channels,
    publish: createPublishOwn({ channels, publisher, catalog: own, now }),
    catalog: rules.length === 0 ? produced : joined(produced, own, channels),
    unlisted: () => own.unlisted,
    close: own.close,
  };
};

const joined = (produced: SymbolCatalog, own: OwnCatalog, channels: OwnChannels): SymbolCatalog => {
  let parts: readonly [readonly CatalogEntry[], readonly CatalogEntry[]] = [[], []];
  let entries: readonly CatalogEntry[] = [];

  /** The producer's entries come first: if both have a symbol, the producer knows more about it. */
  const all = (): readonly CatalogEntry[] => {
    if (parts[0] === produced.entries && parts[1] === own.entries) return entries;
    parts = [produced.entries, own.entries];
    const names = new Set(produced.entries.map(nameOf));
    entries = [...produced.entries, ...own.entries.filter((entry) => !names.has(nameOf(entry)))];
    return entries;
  };

  return {
    get entries() {
      return all();
    },
    async known(deadlineMs) {
      if (all().length === 0) await produced.known(deadlineMs);
      return all();
    },
    find: (symbol, venue) =>
      all().find(
        (entry) => (symbol === undefined || entry.symbol === symbol) && (venue === undefined || entry.venue === venue),
      ),
    knows: (channel) => produced.knows(channel) || channels.find(channel) !== undefined,
    close() {},
  };
};

const nameOf = ({ venue, symbol }: CatalogEntry): string => `${venue}.${symbol}`;
