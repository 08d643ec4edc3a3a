import type { DayFigures, Pair } from './venue.js';

/** Currencies worth a dollar, accurately enough for an order by volume. */
const dollars: readonly string[] = ['USD', 'USDT', 'USDC'];
/** A currency may have a price only in another, which has one only in a third. */
const rounds = 3;

/**
 * The day's volume by symbol, in dollars: a million rupiah is not a million bitcoin. The venue's own prices convert
 * currencies; pairs in a currency without a price have no volume. An order needs no exact sums.
 */
export const dayVolumes = (listed: readonly Pair[], figures: readonly DayFigures[]): ReadonlyMap<string, number> => {
  const byName = new Map(figures.map((figure) => [figure.name, figure]));
  const markets = listed.flatMap((pair) => {
    const figure = byName.get(pair.listedName ?? pair.name);
    const [base, quote] = pair.symbol.split('-');
    if (!figure || base === undefined || quote === undefined || !(figure.last > 0)) return [];
    return [{ symbol: pair.symbol, base, quote, ...figure }];
  });
  const worth = new Map(dollars.map((asset) => [asset, 1]));
  // The price of a currency with the largest volume is the best.
  const busiest = markets.filter(({ quoteVolume }) => quoteVolume > 0).sort((a, b) => b.quoteVolume - a.quoteVolume);
  for (let round = 0; round < rounds; round += 1) {
    for (const { base, quote, last } of busiest) {
      const ofQuote = worth.get(quote);
      const ofBase = worth.get(base);
      if (ofBase === undefined && ofQuote !== undefined) worth.set(base, ofQuote * last);
      else if (ofQuote === undefined && ofBase !== undefined) worth.set(quote, ofBase / last);
    }
  }
  return new Map(
    markets.flatMap(({ symbol, quote, quoteVolume }) => {
      const volume = quoteVolume * (worth.get(quote) ?? Number.NaN);
      return Number.isFinite(volume) && volume >= 0 ? [[symbol, volume] as const] : [];
    }),
  );
};
