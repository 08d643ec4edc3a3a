import { type CatalogEntry, type Clock, createSystemClock, parseChannelName } from '@tickwire/protocol';
import type { Logger } from '@tickwire/runtime';
import { type CatalogSource, openCatalogParts } from './catalog-parts.js';
import { createPatientTaps } from './patient-taps.js';

/** Which symbols there are, as the producers report them. */
export interface SymbolCatalog {
  readonly entries: readonly CatalogEntry[];
  /** Resolves once the producer has told; after `deadlineMs` with what is known then. */
  known(deadlineMs: number): Promise<readonly CatalogEntry[]>;
  /** The first entry of a symbol, at a venue if one is given; the very first without a symbol. */
  find(symbol: string | undefined, venue: string | undefined): CatalogEntry | undefined;
  /**
   * Whether a channel of this name exists. A producer that has not told its symbols yet may still come: until then any
   * well-formed name will do; where producers have parts, for the first seconds.
   */
  knows(channel: string): boolean;
  close(): void;
}

/** @throws what the layer throws when it cannot subscribe. */
export const openCatalog = async (
  hub: CatalogSource,
  logger: Pick<Logger, 'warn' | 'info'>,
  clock: Pick<Clock, 'monotonic'> = createSystemClock(),
): Promise<SymbolCatalog> => {
  let entries: readonly CatalogEntry[] = [];
  let names = new Set<string>();
  const waiting = new Set<() => void>();

  const parts = await openCatalogParts({
    hub: createPatientTaps({ hub, logger }),
    logger,
    clock,
    onChange(all) {
      entries = all;
      names = new Set(entries.map(({ venue, symbol }) => `${venue}.${symbol}`));
      if (entries.length > 0) for (const tell of waiting) tell();
    },
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
      return (
        address !== undefined &&
        (entries.length === 0 || names.has(`${address.venue}.${address.symbol}`) || parts.mayLack)
      );
    },
    close() {
      for (const tell of waiting) tell();
      parts.close();
    },
  };
};
