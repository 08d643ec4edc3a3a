import { isSymbol } from '@tickwire/protocol';
import { MarketError } from '../errors.js';

/** The venue's names to canonical ones: `BTCUSDT` -> `BTC-USDT`. Frames of other names are ignored. */
export type SymbolMap = ReadonlyMap<string, string>;

/**
 * Quote assets of Binance spot. `USD` is left out on purpose: binance.com has none, and with it `BTCBUSD` and
 * `BTCTUSD` could be split in two ways.
 */
export const binanceQuoteAssets: readonly string[] = [
  ...['USDT', 'FDUSD', 'USDC', 'TUSD', 'BUSD', 'USDP', 'DAI', 'EURI', 'XUSD', 'USD1'],
  ...['BTC', 'ETH', 'BNB', 'XRP', 'TRX', 'DOGE', 'SOL', 'DOT'],
  ...['EUR', 'TRY', 'BRL', 'JPY', 'GBP', 'AUD', 'ARS', 'MXN', 'COP', 'CZK', 'PLN', 'RON', 'UAH', 'ZAR', 'IDR', 'NGN'],
  ...['BIDR', 'RUB', 'VAI', 'PAX', 'UST'],
];

/**
 * The map for these symbols. It is built from canonical names, so no name is ever split.
 * @throws MarketError `bad-symbol` for a name that is not canonical
 */
export const binanceSymbolMap = (symbols: Iterable<string>): SymbolMap => {
  const map = new Map<string, string>();
  for (const symbol of symbols) {
    if (!isSymbol(symbol)) throw new MarketError('bad-symbol', `expected a symbol such as BTC-USDT, got ${symbol}`);
    map.set(symbol.replace('-', ''), symbol);
  }
  return map;
};

/**
 * Guesses the canonical name without a list: the longest known quote asset at the end of the name, if a base is left.
 * Undefined if there is none. Only for finding out what is in a recording.
 */
export const guessBinanceSymbol = (name: string): string | undefined => {
  const quote = binanceQuoteAssets
    .filter((asset) => name.endsWith(asset) && name.length > asset.length)
    .reduce((longest, asset) => (asset.length > longest.length ? asset : longest), '');
  const symbol = `${name.slice(0, name.length - quote.length)}-${quote}`;
  return isSymbol(symbol) ? symbol : undefined;
};
