import { type ListShape, listColumns } from '../model/list-columns.js';
import { el, setData, setText } from './dom.js';
import type { WatchRow } from './watch-row.js';

/** Gives the columns of the list as much room as their texts need: it only grows, so that columns do not jump. */
export interface ListRoomView {
  setVenues(venues: 'one' | 'several'): void;
  setShape(shape: ListShape): void;
  /** Makes room for the texts of these rows. */
  fit(rows: readonly WatchRow[]): void;
  /** Must be called when the size of the list has changed. */
  measure(): void;
}

export const createListRoom = (grid: HTMLElement, header: HTMLElement): ListRoomView => {
  const price = el('p', { class: 'price-probe', 'aria-hidden': 'true' });
  const move = el('p', { class: 'price-probe move-probe', 'aria-hidden': 'true' });
  grid.after(price, move);
  let shape: ListShape = 'two';
  let hasVenues = false;

  const measure = (): void => {
    const { template, areas, hidden } = listColumns({
      width: header.clientWidth - 2 * Number.parseFloat(getComputedStyle(header).paddingLeft),
      priceWidth: price.offsetWidth,
      moveWidth: move.offsetWidth,
      hasVenues,
      shape,
    });
    grid.style.setProperty('--columns', template);
    grid.style.setProperty('--areas', areas);
    setData(grid, 'hidden', hidden.join(' '));
  };
  const widen = (probe: HTMLElement, texts: readonly string[]): boolean => {
    const widest = texts.reduce((longest, text) => (text.length > longest.length ? text : longest), probe.textContent);
    return setText(probe, widest);
  };

  return {
    setVenues(venues) {
      if (grid.dataset['venues'] === venues) return;
      hasVenues = venues === 'several';
      setData(grid, 'venues', venues);
      measure();
    },
    setShape(next) {
      if (shape === next && grid.dataset['shape'] === next) return;
      shape = next;
      setData(grid, 'shape', next);
      measure();
    },
    fit(rows) {
      const prices = rows.map((row) => row.price);
      const moves = rows.map((row) => row.move);
      const isWider = [widen(price, prices), widen(move, moves)];
      if (isWider.includes(true)) measure();
    },
    measure,
  };
};
