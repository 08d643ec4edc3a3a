import { type CatalogEntry, type Clock, createSystemClock, parseChannelName } from '@tickwire/protocol';
import type { Logger } from '@tickwire/runtime';
import { type CatalogSource, openCatalogParts } from './catalog-parts.js';
import { createRetryingTaps } from './retrying-taps.js';

/** The symbols that exist, as the producers report them. */
export interface SymbolCatalog {
  readonly entries: readonly CatalogEntry[];
  /** Resolves once a producer has reported its symbols, or after `deadlineMs` with those known then. */
  known(deadlineMs: number): Promise<readonly CatalogEntry[]>;
  /** The first entry of a symbol, at the venue if one is given. Without a symbol, the first entry of all. */
  find(symbol: string | undefined, venue: string | undefined): CatalogEntry | undefined;
  /**
   * Whether a channel of this name exists. A producer that has not reported its symbols yet may still do so: until then
   * every well-formed name counts, and if producers have parts, in the first seconds too.
   */
  knows(channel: string): boolean;
  close(): void;
}

export interface ProducedCatalog extends SymbolCatalog {
  /** The groups of the producers' lists. */
  readonly groups: readonly string[];
  /** A producer was heard in the last 45 seconds. */
  readonly isHeard: boolean;
}

/** @throws what the layer throws when it cannot subscribe. */
export const openCatalog = async (
  hub: CatalogSource,
  logger: Pick<Logger, 'warn' | 'info'>,
  clock: Pick<Clock, 'monotonic'> = createSystemClock(),
): Promise<ProducedCatalog> => {
  let entries: readonly CatalogEntry[] = [];
  let names = new Set<string>();
  const waiting = new Set<() => void>();

  const parts = await openCatalogParts({
    hub: createRetryingTaps({ hub, logger }),
    logger,
    clock,
    onChange(all) {
      entries = all;
      names = new Set(entries.map(({ venue, symbol }) => `${venue}.${symbol}`));
      if (entries.length > 0) for (const answer of waiting) answer();
    },
  });

  return {
    get entries() {
      return entries;
    },
    get groups() {
      return parts.groups;
    },
    get isHeard() {
      return parts.isHeard;
    },
    known(deadlineMs) {
      if (entries.length > 0) return Promise.resolve(entries);
      return new Promise((resolve) => {
        const answer = (): void => {
          clearTimeout(timer);
          waiting.delete(answer);
          resolve(entries);
        };
        const timer = setTimeout(answer, deadlineMs);
        waiting.add(answer);
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
      for (const answer of waiting) answer();
      parts.close();
    },
  };
};
