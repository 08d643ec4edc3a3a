/** The value of a unit of each currency in US dollars, by the prices on the page. */
export interface DollarRates {
  /** A price of a symbol, `BASE-QUOTE`. */
  hear(symbol: string, price: number): void;
  /** NaN for a currency without a pair in dollars. */
  of(currency: string): number;
}

/** Coins that are meant to be worth a dollar: close enough to compare volumes. */
const dollars = new Set(['USD', 'USDT', 'USDC', 'DAI', 'FDUSD', 'TUSD', 'BUSD', 'USDE', 'USDS', 'PYUSD', 'USD1']);

export const createDollarRates = (): DollarRates => {
  const rates = new Map<string, number>();
  return {
    hear(symbol, price) {
      const { base, quote } = currenciesOf(symbol);
      if (dollars.has(base) === dollars.has(quote) || !(price > 0)) return;
      // The price of `BTC-USDT` is that of a bitcoin; the price of `USDT-TRY` is that of a dollar, in lira.
      if (dollars.has(quote)) rates.set(base, price);
      else rates.set(quote, 1 / price);
    },
    of: (currency) => (dollars.has(currency) ? 1 : (rates.get(currency) ?? Number.NaN)),
  };
};

export const currenciesOf = (symbol: string): { readonly base: string; readonly quote: string } => {
  const dash = symbol.lastIndexOf('-');
  return { base: symbol.slice(0, dash), quote: symbol.slice(dash + 1) };
};
