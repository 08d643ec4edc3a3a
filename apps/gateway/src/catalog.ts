import type { Hub } from '@tickwire/hub';
import { type CatalogEntry, type ChannelAddress, catalogGroup, catalogSchema } from '@tickwire/protocol';
import type { Logger } from '@tickwire/runtime';

/** Which symbols there are, as the producer tells. */
export interface SymbolCatalog {
  readonly entries: readonly CatalogEntry[];
  /** Resolves once the producer has told; after `deadlineMs` with what is known then. */
  known(deadlineMs: number): Promise<readonly CatalogEntry[]>;
  /** The first entry of a symbol, at a venue if one is given; the very first without a symbol. */
  find(symbol: string | undefined, venue: string | undefined): CatalogEntry | undefined;
  has(address: Pick<ChannelAddress, 'venue' | 'symbol'>): boolean;
  close(): void;
}

/** @throws what the layer throws when it cannot subscribe. */
export const openCatalog = async (hub: Hub, logger: Logger): Promise<SymbolCatalog> => {
  let entries: readonly CatalogEntry[] = [];
  let names = new Set<string>();
  const waiting = new Set<() => void>();

  const close = await hub.tap(catalogGroup, (publication) => {
    const parsed = catalogSchema.safeParse(publication.message);
    if (!parsed.success) {
      logger.warn({ issue: parsed.error.issues[0]?.message }, 'catalog message refused');
      return;
    }
    entries = parsed.data.symbols;
    names = new Set(entries.map(({ venue, symbol }) => `${venue}.${symbol}`));
    if (entries.length > 0) for (const tell of waiting) tell();
  });

  return {
    get entries() {
      return entries;
    },
    known(deadlineMs) {
      if (entries.length > 0) return Promise.resolve(entries);
      return new Promise((resolve) => {
        const tell = (): void => {
          clearTimeout(timer);
          waiting.delete(tell);
          resolve(entries);
        };
        const timer = setTimeout(tell, deadlineMs);
        waiting.add(tell);
      });
    },
    find: (symbol, venue) =>
      entries.find(
        (entry) => (symbol === undefined || entry.symbol === symbol) && (venue === undefined || entry.venue === venue),
      ),
    has: ({ venue, symbol }) => names.has(`${venue}.${symbol}`),
    close() {
      for (const tell of waiting) tell();
      close();
    },
  };
};
