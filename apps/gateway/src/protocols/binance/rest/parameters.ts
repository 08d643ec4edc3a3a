import type { CatalogEntry } from '@tickwire/protocol';
import type { BinanceSymbols } from '../symbols.js';
import { BinanceApiError, illegalParameter, invalidSymbol, missingParameter } from './errors.js';

/** @throws BinanceApiError */
export const requiredSymbol = (query: URLSearchParams, symbols: BinanceSymbols): CatalogEntry => {
  const name = query.get('symbol');
  if (name === null || name === '') throw missingParameter('symbol');
  return known(name, symbols);
};

/**
 * `symbol=BTCUSDT` or `symbols=["BTCUSDT",…]`; undefined where neither is given, which means all. `isOne` tells which.
 * @throws BinanceApiError
 */
export const chosenSymbols = (
  query: URLSearchParams,
  symbols: BinanceSymbols,
): { readonly entries: readonly CatalogEntry[]; readonly isOne: boolean } => {
  const one = query.get('symbol');
  const many = query.get('symbols');
  if (one !== null && many !== null) {
    throw new BinanceApiError(-1128, 'Combination of optional parameters invalid.');
  }
  if (one !== null) return { entries: [known(one, symbols)], isOne: true };
  if (many !== null) return { entries: namesOf(many).map((name) => known(name, symbols)), isOne: false };
  return { entries: symbols.entries, isOne: false };
};

/** A whole number; at most `max`, as Binance takes it. @throws BinanceApiError */
export const limitOf = (query: URLSearchParams, fallback: number, max: number): number => {
  const limit = wholeNumber(query, 'limit') ?? fallback;
  if (limit < 1) throw illegalParameter('limit');
  return Math.min(limit, max);
};

/** @throws BinanceApiError */
export const wholeNumber = (query: URLSearchParams, name: string): number | undefined => {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^\d{1,16}$/.test(text)) throw illegalParameter(name);
  return Number(text);
};

const known = (name: string, symbols: BinanceSymbols): CatalogEntry => {
  // Unlike the names of streams those of symbols are upper case.
  const entry = name === name.toUpperCase() ? symbols.find(name) : undefined;
  if (entry === undefined) throw invalidSymbol();
  return entry;
};

const namesOf = (text: string): readonly string[] => {
  try {
    const names: unknown = JSON.parse(text);
    if (Array.isArray(names) && names.length > 0 && names.every((name) => typeof name === 'string')) return names;
  } catch {
    // Refused below.
  }
  throw illegalParameter('symbols');
};
