import { unlistedText } from '@tickwire/market';
import { ConfigError } from '@tickwire/runtime';

/** A venue and what it lists; undefined when it did not say. */
export interface VenueListing {
  readonly venue: string;
  readonly listed: readonly string[] | undefined;
}

/**
 * Gives each venue those of the symbols that it lists. A venue that did not tell gets all: its feed finds out later.
 * `given` says in errors what the operator set.
 * @throws ConfigError for a symbol that no venue lists, and for a venue that lists none, with the nearest names
 */
export const assignSymbols = (
  symbols: readonly string[],
  venues: readonly VenueListing[],
  given = `SYMBOLS is "${symbols.join(',')}"`,
): ReadonlyMap<string, readonly string[]> => {
  const unlisted = ({ venue, listed = [] }: VenueListing, unknown: readonly string[]): string =>
    unlistedText(
      venue,
      unknown,
      listed.map((symbol) => ({ symbol, name: symbol })),
    );
  const takes = ({ listed }: VenueListing, symbol: string): boolean => listed?.includes(symbol) ?? true;

  const nowhere = symbols.filter((symbol) => !venues.some((venue) => takes(venue, symbol)));
  if (nowhere.length > 0)
    throw new ConfigError(`${given}, but ${venues.map((venue) => unlisted(venue, nowhere)).join('; ')}`);
  return new Map(
    venues.map((venue) => {
      const mine = symbols.filter((symbol) => takes(venue, symbol));
      if (mine.length === 0) throw new ConfigError(`${given}, but ${unlisted(venue, symbols)}`);
      return [venue.venue, mine];
    }),
  );
};
