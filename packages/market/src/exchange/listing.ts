import { type Clock, changedLetters, createSystemClock, hasChannels, maxSymbolLength } from '@tickwire/protocol';
import { MarketError } from '../errors.js';
import { dayVolumes } from './day-volume.js';
import type { OnBadEntry } from './entries.js';
import { fetchHttp, type HttpGet } from './http.js';
import { createRestClient } from './rest-client.js';
import { isOpenChoice, isTop, pairsBySymbol } from './symbol-choice.js';
import type { Market, Pair, RestGet, Venue } from './venue.js';
import { type VenueName, venueOf } from './venues.js';

export interface ReadMarketOptions {
  /** @default those of the venue */
  readonly restUrls?: readonly string[];
  /** @default the global fetch */
  readonly http?: HttpGet;
  /** @default the system's */
  readonly clock?: Clock;
  readonly onBadEntry?: OnBadEntry;
}

/**
 * Reads a venue's list, as far as these symbols need it.
 * @throws MarketError `unknown-venue`, `venue-unreachable`
 */
export const readMarket = async (
  venue: VenueName | Venue,
  symbols: readonly string[],
  options: ReadMarketOptions = {},
): Promise<Market> => {
  const asked = typeof venue === 'string' ? venueOf(venue) : venue;
  const { name, rest, parse } = asked;
  const { restUrls = rest.urls, http = fetchHttp, clock = createSystemClock(), onBadEntry = () => {} } = options;
  const client = createRestClient({
    urls: restUrls,
    http,
    clock,
    gapMs: rest.gapMs,
    parse,
    isLimit: rest.isLimit,
    timeoutMs: 20_000,
  });
  try {
    return await marketOf(asked, symbols, (path) => client.get(path), onBadEntry);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MarketError('venue-unreachable', `${name} did not list its symbols: ${reason}`, { cause });
  } finally {
    client.close();
  }
};

/** Reads a venue's list; with volumes if there are patterns. @throws MarketError `rest-failed`, `bad-frame` */
export const marketOf = async (
  { rest }: Venue,
  symbols: readonly string[],
  get: RestGet,
  onBadEntry: OnBadEntry,
): Promise<Market> => {
  const listed = await rest.listing(get, onBadEntry);
  if (!symbols.some(isOpenChoice)) return { listed, volumes: new Map() };
  try {
    return { listed, volumes: dayVolumes(listed, await rest.day(get, onBadEntry)) };
  } catch (error) {
    // A pattern needs no order; `top:100` does.
    if (symbols.some(isTop)) throw error;
    return { listed, volumes: new Map() };
  }
};

/**
 * The pairs of these symbols, in their order.
 * @throws MarketError `unknown-symbol`, naming all symbols that are not listed and the nearest names
 */
export const pairsOf = (venue: string, symbols: readonly string[], listed: readonly Pair[]): readonly Pair[] => {
  const bySymbol = pairsBySymbol(listed);
  const unknown = symbols.filter((symbol) => !bySymbol.has(symbol));
  if (unknown.length > 0) throw new MarketError('unknown-symbol', unlistedText(venue, unknown, listed));
  return symbols.map((symbol) => bySymbol.get(symbol) as Pair);
};

/**
 * One line: `binance does not list BTC-USTD (nearest: BTC-USDT, BTC-USDC, BTC-TUSD)`. A listed name that no channel can
 * have is reported as not supported.
 */
export const unlistedText = (venue: string, unknown: readonly string[], listed: readonly Pair[]): string => {
  const names = listed.map(({ symbol }) => symbol).filter(hasChannels);
  const others = new Map(
    listed.filter(({ symbol }) => !hasChannels(symbol)).map((pair) => [pair.symbol.toUpperCase(), pair]),
  );
  const parts = unknown.map((symbol) => {
    const other = others.get(symbol.toUpperCase());
    if (other) return `${symbol} (it lists ${other.name}; such names are not supported: ${supportedNames})`;
    const near = nearestSymbols(symbol, names);
    return near.length === 0 ? symbol : `${symbol} (nearest: ${near.join(', ')})`;
  });
  return `${venue} does not list ${parts.join(', ')}`;
};

/** What a venue's name must be to have channels. */
export const supportedNames = `only A-Z and 0-9, at most ${maxSymbolLength} characters`;

/** One line: `binance lists nothing that *-USTD stands for (nearest: *-USDT, *-USDC)`. */
export const unmatchedText = (venue: string, pattern: string, { listed, volumes }: Market): string => {
  if (isTop(pattern) && volumes.size === 0) return `${venue} reports no volumes, and ${pattern} needs them`;
  const sides = (symbol: string): string[] => {
    const [base = '', quote = ''] = symbol.split('-');
    return pattern.startsWith('*-') ? [`*-${quote}`] : pattern.endsWith('-*') ? [`${base}-*`] : [symbol];
  };
  const names = [
    ...new Set(
      listed
        .map(({ symbol }) => symbol)
        .filter(hasChannels)
        .flatMap(sides),
    ),
  ];
  const near = nearestSymbols(pattern, names);
  const others = near.length === 0 ? '' : ` (nearest: ${near.join(', ')})`;
  return `${venue} lists ${listed.length} symbols, and none that ${pattern} stands for${others}`;
};

/** The names in `listed` with the fewest changed letters, nearest first; two swapped letters count as one change. */
export const nearestSymbols = (symbol: string, listed: readonly string[], count = 3): readonly string[] => {
  const wanted = symbol.toUpperCase();
  const limit = Math.max(2, Math.ceil(wanted.length / 3));
  return listed
    .map((candidate) => ({ candidate, distance: changedLetters(wanted, candidate) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, count)
    .map(({ candidate }) => candidate);
};
