import type { GroupPublisher } from '@tickwire/channel-layer';
import { type CatalogEntry, catalogSchema } from '@tickwire/protocol';
import { createStateLog, type Logger } from '@tickwire/runtime';
import type { CatalogSource } from '../catalog-parts.js';
import { createPatientTaps } from '../patient-taps.js';

/** The symbols whose prices are published on your own channels, as known to all gateways. */
export interface OwnCatalog {
  readonly entries: readonly CatalogEntry[];
  add(entry: Pick<CatalogEntry, 'venue' | 'symbol'>): void;
  close(): void;
}

export interface OwnCatalogOptions {
  readonly hub: CatalogSource;
  readonly publisher: GroupPublisher;
  readonly logger: Pick<Logger, 'warn' | 'info'>;
}

/**
 * On this group gateways announce their symbols to each other. A gateway that starts begins with the group's history.
 */
export const ownCatalogGroup = 'tickwire.own-catalog';
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

  const learn = ({ venue, symbol }: Pick<CatalogEntry, 'venue' | 'symbol'>): boolean => {
    const name = `${venue}.${symbol}`;
    if (known.has(name) || known.size >= maxSymbols) return false;
    known.set(name, { venue, symbol });
    entries = [...known.values()];
    return true;
  };

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

  const close = await createPatientTaps({ hub, logger }).tap(ownCatalogGroup, ({ message }) => {
    const parsed = catalogSchema.safeParse(message);
    if (!parsed.success) return;
    const { symbols } = parsed.data;
    for (const entry of symbols) learn(entry);
    if (symbols.length >= known.size) return;
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
