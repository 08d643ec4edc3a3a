import { choosePairs, isOpenChoice, type Market, unlistedText, unmatchedText } from '@tickwire/market';
import { ConfigError } from '@tickwire/runtime';

/** A venue and its list of symbols; undefined if the list could not be read. */
export interface VenueListing {
  readonly venue: string;
  readonly market: Market | undefined;
}

/**
 * Assigns to each venue the symbols that it lists, and the patterns that match a symbol there. A venue whose list could
 * not be read gets all: its feed finds out later. `given` is the operator's setting, for errors.
 * @throws ConfigError for a symbol that no venue lists, and for a venue that lists none, with the nearest names
 */
export const assignSymbols = (
  symbols: readonly string[],
  venues: readonly VenueListing[],
  given = `SYMBOLS is "${symbols.join(',')}"`,
): ReadonlyMap<string, readonly string[]> => {
  const takes = ({ market }: VenueListing, symbol: string): boolean =>
    market === undefined || choosePairs([symbol], market).length > 0;

  const missing = ({ venue, market = nothing }: VenueListing, words: readonly string[]): string => {
    const unknown = words.filter((word) => !isOpenChoice(word));
    const open = words.filter(isOpenChoice).map((word) => unmatchedText(venue, word, market));
    return [...(unknown.length > 0 ? [unlistedText(venue, unknown, market.listed)] : []), ...open].join('; ');
  };

  const nowhere = symbols.filter((symbol) => !venues.some((venue) => takes(venue, symbol)));
  if (nowhere.length > 0)
    throw new ConfigError(`${given}, but ${venues.map((venue) => missing(venue, nowhere)).join('; ')}`);
  return new Map(
    venues.map((venue) => {
      const mine = symbols.filter((symbol) => takes(venue, symbol));
      if (mine.length === 0) throw new ConfigError(`${given}, but ${missing(venue, symbols)}`);
      return [venue.venue, mine];
    }),
  );
};

const nothing: Market = { listed: [], volumes: new Map() };
