import type { SymbolName } from '../data/symbols.js';

/** A warning for visitors about the origin of prices; undefined when all are live market prices. */
export const originText = (symbols: readonly SymbolName[]): string | undefined => {
  const count = (field: 'simulated' | 'recorded'): number => symbols.filter((symbol) => symbol[field]).length;
  const [simulated, recorded] = [count('simulated'), count('recorded')];
  if (simulated === 0 && recorded === 0) return undefined;
  if (simulated === symbols.length) return 'Simulated prices. For real ones: FEED=binance npm start';
  if (recorded === symbols.length) return 'Recorded prices, not live';
  return `Not all prices are real: ${simulated + recorded} of ${symbols.length} are simulated or recorded`;
};

/** The text of an empty tape. */
export const withoutTrades = (of: { readonly isAnswered: boolean; readonly isWithoutTrades: boolean }): string => {
  if (of.isWithoutTrades) return 'These prices come without trades.';
  // A slow answer is not a missing trade.
  return of.isAnswered ? 'No trades yet.' : '';
};

export interface TitleMoment {
  readonly price: string | undefined;
  readonly symbol: string | undefined;
  readonly isLive: boolean;
  /** Alerts that fired and were not dismissed. */
  readonly alerts?: number;
}

/** The page's title: the price first, since a tab shows little more. */
export const titleText = ({ price, symbol, isLive, alerts = 0 }: TitleMoment): string => {
  if (alerts > 0) return `(${alerts}) ${titleText({ price, symbol, isLive })}`;
  if (symbol === undefined) return 'Tickwire';
  if (price === undefined) return `${symbol} – Tickwire`;
  return isLive ? `${price} ${symbol}` : `⚠ ${price} ${symbol} (not live)`;
};
