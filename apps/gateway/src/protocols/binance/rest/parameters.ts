import type { CatalogEntry } from '@tickwire/protocol';
import type { ApiHandler } from '../../../http/api/api.js';
import type { BinanceSymbols } from '../symbols.js';
import {
  emptyParameter,
  illegalParameter,
  illegalValue,
  invalidCombination,
  invalidSymbol,
  missingParameter,
  repeatedParameter,
  statusMismatch,
  tryAgain,
  unreadParameters,
} from './errors.js';

const defaultLimit = 500;
const maxLimit = 1_000;
/** Tokens may be in the query of any path. */
const tokenParameter = 'token';

/** A handler that takes these parameters, each once, and no others: none is ever ignored. */
export const taking =
  (names: readonly string[], handler: ApiHandler): ApiHandler =>
  (request) => {
    const sent = [...request.query].filter(([name]) => name !== tokenParameter);
    const read = sent.filter(([name]) => names.includes(name));
    if (read.length < sent.length) throw unreadParameters(read.length, sent.length);
    for (const [name, value] of sent) {
      if (request.query.getAll(name).length > 1) throw repeatedParameter();
      // Where it has to be there, it is as if it were not.
      if (value === '' && name !== 'symbol' && name !== 'interval') throw emptyParameter(name);
    }
    return handler(request);
  };

/** @throws BinanceApiError */
export const requiredSymbol = (query: URLSearchParams, symbols: BinanceSymbols): CatalogEntry => {
  const name = query.get('symbol');
  if (name === null || name === '') throw missingParameter('symbol');
  return known(name, symbols);
};

export interface Chosen {
  readonly entries: readonly CatalogEntry[];
  /** One symbol was asked for by its name. */
  readonly isOne: boolean;
}

/** The parameters that `chosenSymbols` reads. */
export const symbolParameters = ['symbol', 'symbols', 'symbolStatus'] as const;
const statuses = ['TRADING', 'HALT', 'BREAK'];

/**
 * `symbol=BTCUSDT` or `symbols=["BTCUSDT",…]`, all where neither is given; of those the ones with `symbolStatus`. All of
 * ours are trading.
 * @throws BinanceApiError
 */
export const chosenSymbols = (query: URLSearchParams, symbols: BinanceSymbols): Chosen => {
  const one = query.get('symbol');
  const many = query.get('symbols');
  const status = query.get('symbolStatus') ?? 'TRADING';
  if (one !== null && many !== null) throw invalidCombination();
  if (!statuses.includes(status)) throw illegalValue('symbolStatus');
  if (one !== null) {
    const entry = known(one, symbols);
    if (status !== 'TRADING') throw statusMismatch();
    return { entries: [entry], isOne: true };
  }
  const entries = many === null ? someSymbols(symbols) : namesOf(many).map((name) => known(name, symbols));
  return { entries: status === 'TRADING' ? entries : [], isOne: false };
};

/** A whole number; at most `max`, as Binance takes it. @throws BinanceApiError */
export const limitOf = (query: URLSearchParams, fallback = defaultLimit, max = maxLimit): number => {
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

/** Microseconds of the time since 1973 are above it, milliseconds up to the year 5138 below. */
const leastMicroseconds = 1e14;

/** Milliseconds, whichever of both units was sent. @throws BinanceApiError */
export const timeParameter = (query: URLSearchParams, name: string): number | undefined => {
  const time = wholeNumber(query, name);
  return time !== undefined && time >= leastMicroseconds ? time / 1_000 : time;
};

/** Until a producer has announced its symbols, for example while Redis is away, nobody knows which there are. */
const someSymbols = (symbols: BinanceSymbols): readonly CatalogEntry[] => {
  if (symbols.entries.length === 0) throw tryAgain();
  return symbols.entries;
};

const known = (name: string, symbols: BinanceSymbols): CatalogEntry => {
  someSymbols(symbols);
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
    // Rejected below.
  }
  throw illegalParameter('symbols');
};
