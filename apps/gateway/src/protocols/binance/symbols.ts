import type { CatalogEntry } from '@tickwire/protocol';
import type { SymbolCatalog } from '../../catalog.js';

/** Symbols of one venue under the names Binance would give them: `BTCUSDT` for `BTC-USDT`. */
export interface BinanceSymbols {
  /** In the catalog's order. */
  readonly entries: readonly CatalogEntry[];
  /** By Binance's name in any case. */
  find(name: string): CatalogEntry | undefined;
}

/**
 * Always as the catalog is now. `venue` is whose symbols these are; the venue of the catalog's first entry where none
 * is given.
 */
export const createBinanceSymbols = (
  catalog: Pick<SymbolCatalog, 'entries'>,
  venue: string | undefined,
): BinanceSymbols => {
  let source: readonly CatalogEntry[] | undefined;
  let entries: readonly CatalogEntry[] = [];
  let byName = new Map<string, CatalogEntry>();

  const refresh = (): void => {
    if (source === catalog.entries) return;
    source = catalog.entries;
    const chosen = venue ?? source[0]?.venue;
    entries = source.filter((entry) => entry.venue === chosen);
    byName = new Map(entries.map((entry) => [binanceName(entry), entry]));
  };

  return {
    get entries() {
      refresh();
      return entries;
    },
    find(name) {
      refresh();
      return byName.get(name.toUpperCase());
    },
  };
};

export const binanceName = ({ symbol }: Pick<CatalogEntry, 'symbol'>): string => symbol.replace('-', '');
