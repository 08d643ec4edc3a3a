import { basename } from 'node:path';
import { isSymbol } from '@tickwire/protocol';
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

  return {
    of: (name, venue) =>
      asked.get(bare(name)) ?? (isSymbol(name) ? name : venue === 'binance' ? guessBinanceSymbol(name) : guess(name)),
    inFileName: (file) => {
      const parts = basename(file)
        .toUpperCase()
        .split(/[^A-Z0-9]+/);
      for (const part of parts) {
        const symbol = asked.get(part) ?? guess(part);
        if (symbol !== undefined) return symbol;
      }
      return undefined;
    },
  };
};

const bare = (name: string): string => name.toUpperCase().replace(/[^A-Z0-9]/g, '');

/** `BTC/USD`, `btc_usd`, `BTCUSD`. */
const guess = (name: string): string | undefined => {
  const plain = name.toUpperCase();
  const split = plain.replace(/[/_:]/, '-');
  if (isSymbol(split)) return split;
  const inDollars = /^([A-Z0-9]{2,})USD$/.exec(plain)?.[1];
  return guessBinanceSymbol(plain) ?? (inDollars && `${inDollars}-USD`);
};
