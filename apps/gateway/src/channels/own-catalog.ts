import type { GroupPublisher } from '@tickwire/channel-layer';
import { type CatalogEntry, catalogSchema, channelName } from '@tickwire/protocol';
import { createStateLog, type Logger } from '@tickwire/runtime';
import type { CatalogSource } from '../catalog-parts.js';
import { createRetryingTaps } from '../retrying-taps.js';

/** The symbols whose prices are published on your own channels, as known to all gateways. */
export interface OwnCatalog {
  readonly entries: readonly CatalogEntry[];
  add(entry: OwnSymbol): void;
  close(): void;
}

/** A symbol and the channels on which its prices are. */
export type OwnSymbol = Pick<CatalogEntry, 'venue' | 'symbol' | 'own'>;

export interface OwnCatalogOptions {
  readonly hub: CatalogSource;
  readonly publisher: GroupPublisher;
  readonly logger: Pick<Logger, 'warn' | 'info'>;
}

/**
 * On this group gateways announce their symbols to each other. A gateway that starts begins with the group's history.
 */
const ownCatalogGroup = 'tickwire.own-catalog';
/** Symbols listed; further ones can be followed without being listed. */
const maxSymbols = 1_000;
const bounds = { historySize: 1, historyTtlMs: 2_592_000_000 };

/**
 * A gateway publishes its whole list when it learns of a symbol, or receives a list that lacks one. Whoever publishes
 * last has received the lists of the others, so all lists become equal.
 * @throws what the layer throws when it cannot subscribe.
 */
export const openOwnCatalog = async ({ hub, publisher, logger }: OwnCatalogOptions): Promise<OwnCatalog> => {
  const known = new Map<string, CatalogEntry>();
  let entries: readonly CatalogEntry[] = [];
  let isOwed = false;
  let isBusy = false;
  const log = createStateLog({
    logger,
    trouble: 'symbols of own channels cannot be announced: other gateways do not list them',
    over: 'symbols of own channels are announced again',
  });

  const learn = (entry: OwnSymbol): boolean => {
    const name = nameOf(entry);
    const before = known.get(name);
    if (before === undefined && known.size >= maxSymbols) return false;
    const after = before === undefined ? merged(entry, {}) : merged(before, entry.own);
    if (before !== undefined && isSame(before, after)) return false;
    known.set(name, after);
    entries = [...known.values()];
    return true;
  };
  const lacks = (symbols: readonly OwnSymbol[]): boolean =>
    symbols.length < known.size ||
    symbols.some((entry) => {
      const mine = known.get(nameOf(entry));
      return mine !== undefined && !isSame(mine, entry);
    });

  const announce = async (): Promise<void> => {
    if (isBusy) return;
    isBusy = true;
    try {
      while (isOwed) {
        isOwed = false;
        const { outcome } = await publisher.publish(
          ownCatalogGroup,
          { type: 'feed.catalog', symbols: entries },
          bounds,
        );
        if (outcome !== 'published') throw new Error(`the catalog of own channels is ${outcome}`);
        log.worked();
      }
    } catch (error) {
      // The next publication tries again.
      isOwed = true;
      log.failed({ err: error });
    } finally {
      isBusy = false;
    }
  };

  const close = await createRetryingTaps({ hub, logger }).tap(ownCatalogGroup, ({ message }) => {
    const parsed = catalogSchema.safeParse(message);
    if (!parsed.success) return;
    const { symbols } = parsed.data;
    for (const entry of symbols) learn(entry);
    if (!lacks(symbols)) return;
    isOwed = true;
    void announce();
  });

  return {
    get entries() {
      return entries;
    },
    add(entry) {
      if (learn(entry)) isOwed = true;
      if (isOwed) void announce();
    },
    close,
  };
};

const nameOf = ({ venue, symbol }: OwnSymbol): string => `${venue}.${symbol}`;

const isSame = (a: OwnSymbol, b: OwnSymbol): boolean =>
  a.own !== undefined && b.own !== undefined && a.own.ticker === b.own.ticker && a.own.trade === b.own.trade;

/**
 * If several channels have the prices of a symbol, all gateways list the same one: the channel with its name, or else
 * the first.
 */
const merged = ({ venue, symbol, own: before }: OwnSymbol, more: OwnSymbol['own']): OwnSymbol => {
  const choose = (kind: 'ticker' | 'trade'): string | undefined => {
    const named = channelName(kind, venue, symbol);
    const candidates = [before?.[kind], more?.[kind]].filter((name) => name !== undefined).sort();
    return candidates.includes(named) ? named : candidates[0];
  };
  const [ticker, trade] = [choose('ticker'), choose('trade')];
  return { venue, symbol, own: { ...(ticker !== undefined && { ticker }), ...(trade !== undefined && { trade }) } };
};
