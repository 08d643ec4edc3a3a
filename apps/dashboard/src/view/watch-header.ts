import type { SortKey, SortOrder } from '../model/watch-order.js';
import { el, setAttribute } from './dom.js';

/** The columns' names, each a button that sorts by it. */
export interface WatchHeader {
  readonly element: HTMLElement;
  show(key: SortKey, order: SortOrder): void;
}

type Column = { readonly field: string; readonly label: string; readonly key?: SortKey };

const columns: readonly Column[] = [
  { field: 'symbol', label: 'Market', key: 'symbol' },
  { field: 'trend', label: 'Trend' },
  { field: 'last', label: 'Last', key: 'last' },
  { field: 'change', label: '24 h', key: 'change' },
  { field: 'spread', label: 'Spread', key: 'spread' },
  { field: 'age', label: 'Age', key: 'age' },
];

export const createWatchHeader = (onSort: (key: SortKey) => void): WatchHeader => {
  const cells = columns.map(({ field, label, key }) => {
    const cell = el('div', { role: 'columnheader', class: `cell ${field}` });
    if (key === undefined) cell.append(label);
    else {
      const button = el('button', { type: 'button', class: 'sort' }, label);
      button.addEventListener('click', () => onSort(key));
      cell.append(button);
    }
    return { key, cell };
  });
  return {
    element: el('div', { role: 'row', class: 'row header', 'aria-rowindex': '1' }, ...cells.map(({ cell }) => cell)),
    show(sorted, order) {
      for (const { key, cell } of cells) {
        if (key !== undefined) setAttribute(cell, 'aria-sort', key === sorted ? order : 'none');
      }
    },
  };
};
