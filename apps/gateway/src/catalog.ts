import type { Publication } from '@tickwire/hub';
import { type CatalogEntry, catalogGroup, catalogSchema, parseChannelName } from '@tickwire/protocol';
import { createStateLog, type Logger } from '@tickwire/runtime';

/** Which symbols there are, as the producer reports them. */
export interface SymbolCatalog {
  readonly entries: readonly CatalogEntry[];
  /** Resolves once the producer has told; after `deadlineMs` with what is known then. */
  known(deadlineMs: number): Promise<readonly CatalogEntry[]>;
  /** The first entry of a symbol, at a venue if one is given; the very first without a symbol. */
  find(symbol: string | undefined, venue: string | undefined): CatalogEntry | undefined;
  /**
   * Whether a channel of this name exists. A producer that has not told its symbols yet may still come: until then any
   * well-formed name will do.
   */
  knows(channel: string): boolean;
  close(): void;
}

/** The part of the hub that brings the catalog. */
export interface CatalogSource {
  tap(channel: string, listener: (publication: Pick<Publication, 'message'>) => void): Promise<() => void>;
}

/** @throws what the layer throws when it cannot subscribe. */
export const openCatalog = async (
  hub: CatalogSource,
  logger: Pick<Logger, 'warn' | 'info'>,
): Promise<SymbolCatalog> => {
  let entries: readonly CatalogEntry[] = [];
  let names = new Set<string>();
  const rejected = createStateLog({
    logger,
    trouble: 'a catalog message is rejected: the symbols known before stay',
    over: 'the catalog is read again',
  });
  const waiting = new Set<() => void>();

  const close = await hub.tap(catalogGroup, (publication) => {
    const parsed = catalogSchema.safeParse(publication.message);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      rejected.failed({ at: issue?.path.join('.'), issue: issue?.message });
      return;
    }
    rejected.worked();
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
    knows(channel) {
      const address = parseChannelName(channel);
      return address !== undefined && (entries.length === 0 || names.has(`${address.venue}.${address.symbol}`));
    },
    close() {
      for (const tell of waiting) tell();
      close();
    },
  };
};
