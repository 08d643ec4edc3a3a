import type { BarInterval } from '@tickwire/protocol';
import { type Problem, unknownSymbol, unreadableAddress } from '../model/problem.js';
import { parseRoute, type Route } from '../model/route.js';
import type { SymbolName } from './symbols.js';

/** What to show: it follows from the address, from what was shown last time, and from the known symbols. */
export type Selection =
  | { readonly kind: 'route'; readonly route: Route }
  | { readonly kind: 'problem'; readonly problem: Problem }
  /** Nothing says what to show before the symbols are known. */
  | { readonly kind: 'undecided' };

export interface Remembered extends SymbolName {
  readonly interval: BarInterval;
}

/**
 * The address decides; before the symbols are known it is believed. Without one the last symbol is shown, or the first.
 */
export const selectRoute = (
  hash: string,
  remembered: Remembered,
  symbols: readonly SymbolName[] | undefined,
): Selection => {
  const parsed = parseRoute(hash);
  if (parsed.kind === 'unreadable') return { kind: 'problem', problem: unreadableAddress(parsed.text) };
  if (parsed.kind === 'route') {
    const { venue, symbol } = parsed.route;
    if (symbols !== undefined && !isAmong(symbols, parsed.route)) {
      return { kind: 'problem', problem: unknownSymbol(symbol, venue) };
    }
    const { interval } = parsed.hasInterval ? parsed.route : remembered;
    return { kind: 'route', route: { ...parsed.route, interval } };
  }
  const { interval } = remembered;
  const known = remembered.symbol !== '' && (symbols === undefined || isAmong(symbols, remembered));
  const chosen = known ? remembered : symbols?.[0];
  if (chosen === undefined) return { kind: 'undecided' };
  return { kind: 'route', route: { venue: chosen.venue, symbol: chosen.symbol, interval } };
};

const isAmong = (symbols: readonly SymbolName[], { venue, symbol }: SymbolName): boolean =>
  symbols.some((known) => known.venue === venue && known.symbol === symbol);
