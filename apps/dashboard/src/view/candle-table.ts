import type { Candle } from '../model/candle-series.js';
import type { ClockText } from '../model/clock-text.js';
import type { NumberText } from '../model/number-text.js';
import { byId, el, setAttribute } from './dom.js';

/** The newest candles as a table, for viewers who cannot use a picture. It covers the chart while it is open. */
export interface CandleTable {
  readonly isOpen: boolean;
  toggle(): void;
  /** Newest first. */
  paint(candles: readonly Candle[], decimals: number, intervalMs: number): void;
}

const maxRows = 120;
const heads = ['Time', 'Open', 'High', 'Low', 'Close', 'Volume'];

export const createCandleTable = (text: NumberText, clock: ClockText, onToggle: () => void): CandleTable => {
  const container = byId('candle-table');
  const body = el('tbody', {});
  const columns = heads.map((label) => el('th', { scope: 'col' }, label));
  container.append(el('table', { class: 'candles' }, el('thead', {}, el('tr', {}, ...columns)), body));
  setAttribute(container, 'tabindex', '0');
  setAttribute(container, 'role', 'region');
  setAttribute(container, 'aria-label', 'Newest candles');
  const shown = new Map<number, { readonly candle: Candle; readonly row: HTMLElement }>();

  const toggle = (): void => {
    container.hidden = !container.hidden;
    if (!container.hidden) container.focus();
    onToggle();
  };

  const rowOf = (candle: Candle, decimals: number, intervalMs: number): HTMLElement => {
    const known = shown.get(candle.start);
    if (known?.candle === candle) return known.row;
    const prices = [candle.open, candle.high, candle.low, candle.close].map((price) =>
      el('td', {}, text.price(price.toFixed(decimals), decimals)),
    );
    const time = el('th', { scope: 'row' }, clock.candle(candle.start, intervalMs));
    const volume = el('td', {}, text.amount(candle.volume));
    const row = el(
      'tr',
      { 'data-start': String(candle.start), 'data-close': String(candle.close) },
      time,
      ...prices,
      volume,
    );
    shown.set(candle.start, { candle, row });
    return row;
  };

  return {
    get isOpen() {
      return !container.hidden;
    },
    toggle,
    paint(candles, decimals, intervalMs) {
      if (container.hidden) return;
      const newest = candles.slice(-maxRows).reverse();
      const rows = newest.map((candle) => rowOf(candle, decimals, intervalMs));
      const isSame = rows.length === body.childElementCount && rows.every((row, i) => body.children[i] === row);
      if (!isSame) body.replaceChildren(...rows);
      const oldest = newest.at(-1)?.start ?? 0;
      for (const start of shown.keys()) if (start < oldest) shown.delete(start);
    },
  };
};
