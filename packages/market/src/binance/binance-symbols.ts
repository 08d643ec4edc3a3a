import { hasChannels } from '@tickwire/protocol';

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
 * Guesses the canonical name without a list: the longest known quote asset at the end of the name, if a base is left.
 * Undefined if there is none. Only for finding out what is in a recording.
 */
export const guessBinanceSymbol = (name: string): string | undefined => {
  const quote = binanceQuoteAssets
    .filter((asset) => name.endsWith(asset) && name.length > asset.length)
    .reduce((longest, asset) => (asset.length > longest.length ? asset : longest), '');
  const symbol = `${name.slice(0, name.length - quote.length)}-${quote}`;
  return hasChannels(symbol) ? symbol : undefined;
};
