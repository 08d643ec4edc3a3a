import type { SymbolName } from '../data/symbols.js';
import type { NumberText } from '../model/number-text.js';
import { originText, titleText } from '../model/page-words.js';
import { byId, setText } from './dom.js';

/** Shortest time between two titles: nobody can read a flickering tab. */
const leastMs = 1_000;

export interface PageTitle {
  paint(price: string | undefined, decimals: number, symbol: string, isLive: boolean, alerts: number): void;
}

export const createPageTitle = (text: NumberText): PageTitle => {
  let paintedAt = Number.NEGATIVE_INFINITY;
  return {
    paint(price, decimals, symbol, isLive, alerts) {
      const at = performance.now();
      if (at - paintedAt < leastMs) return;
      paintedAt = at;
      const title = titleText({ price: price && text.price(price, decimals), symbol, isLive, alerts });
      if (document.title !== title) document.title = title;
    },
  };
};

/** The label of prices that are simulated or recorded. */
export const showOrigin = (symbols: readonly SymbolName[]): void => {
  const text = originText(symbols);
  const label = byId('origin');
  label.hidden = text === undefined;
  setText(label, text ?? '');
};
