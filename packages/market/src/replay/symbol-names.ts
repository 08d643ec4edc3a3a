import { basename } from 'node:path';
import { hasChannels } from '@tickwire/protocol';
import { guessBinanceSymbol } from '../binance/binance-symbols.js';

/** Turns names in files into canonical symbols. */
export interface SymbolNames {
  /** Undefined for a name that cannot be split into base and quote. */
  of(name: string, venue: string): string | undefined;
  /** The first part of the file's name that is a known pair: `BTCUSDT-1m-2025-01.csv`. */
  inFileName(file: string): string | undefined;
}

/** `known` are the requested symbols: they take precedence over guesses. */
export const createSymbolNames = (known: readonly string[] = []): SymbolNames => {
  const asked = new Map(known.map((symbol) => [bare(symbol), symbol]));
  const baseOf = (symbol: string): string => symbol.split('-')[0] as string;
  /** The requested symbol of a table that names only bases. */
  const askedWithBase = (base: string): string | undefined => {
    const found = known.filter((symbol) => baseOf(symbol) === base);
    return found.length === 1 ? found[0] : undefined;
  };

  return {
    of: (name, venue) =>
      asked.get(bare(name)) ??
      (hasChannels(name) ? name : venue === 'binance' ? guessBinanceSymbol(name.toUpperCase()) : guess(name)) ??
      askedWithBase(bare(name)),
    inFileName: (file) => {
      const parts = basename(file)
        .toUpperCase()
        .split(/[^A-Z0-9]+/);
      for (const part of parts) {
        const symbol = asked.get(part) ?? guess(part);
        if (symbol !== undefined) return symbol;
      }
      // BTC_USDT-1m.csv, as freqtrade names it. The name of an exchange beside a currency is not a pair.
      for (const [i, part] of parts.entries()) {
        const pair = `${part}-${parts[i + 1] ?? ''}`;
        if (knownBases.has(part) && guess(bare(pair)) === pair) return pair;
      }
      return undefined;
    },
  };
};

const bare = (name: string): string => name.toUpperCase().replace(/[^A-Z0-9]/g, '');

/** `BTC/USD`, `btc_usd`, `BTCUSD`, and `tBTCUSD` as Bitfinex writes it. */
const guess = (name: string): string | undefined => {
  const plain = name.replace(/^t(?=[A-Z0-9]{6})/, '').toUpperCase();
  const split = plain.replace(/[/_:]/, '-');
  if (hasChannels(split)) return split;
  const inDollars = /^([A-Z0-9]{2,})USD$/.exec(plain)?.[1];
  const longest = guessBinanceSymbol(plain);
  if (inDollars === undefined || longest === undefined) return longest ?? (inDollars && `${inDollars}-USD`);
  // XBTUSD, SHIBUSD and BTCTUSD end with TUSD or BUSD, or with USD: only a known base decides.
  if (knownBases.has(longest.split('-')[0] as string)) return longest;
  return knownBases.has(inDollars) ? `${inDollars}-USD` : undefined;
};

const knownBases: ReadonlySet<string> = new Set([
  'BTC',
  'XBT',
  'ETH',
  'BNB',
  'XRP',
  'TRX',
  'DOGE',
  'XDG',
  'SOL',
  'DOT',
  'ADA',
  'LTC',
  'LINK',
  'BCH',
  'SHIB',
]);
