import type { SortKey, SortOrder } from '../model/watch-order.js';
import { byId, el, setAttribute } from './dom.js';

/** The columns' names, each a button that sorts by it. */
export interface WatchHeader {
  readonly element: HTMLElement;
  show(key: SortKey, order: SortOrder): void;
}

interface Column {
  readonly field: string;
  readonly label: string;
  readonly key?: SortKey;
  /** Spoken, and in the choice of a phone, where the label is too short. */
  readonly name?: string;
}

const columns: readonly Column[] = [
  { field: 'symbol', label: 'Market', key: 'symbol' },
  { field: 'trend', label: 'Last 24 h' },
  { field: 'last', label: 'Last', key: 'last', name: 'Last price' },
  { field: 'change', label: '24 h', key: 'change', name: 'Change, percent' },
  { field: 'move', label: '± 24 h', key: 'move', name: 'Change, amount' },
  { field: 'volume', label: 'Vol. USD', key: 'volume', name: 'Volume in USD' },
  { field: 'spread', label: 'Spread', key: 'spread' },
  { field: 'age', label: 'Age', key: 'age' },
];

export const createWatchHeader = (onSort: (key: SortKey) => void): WatchHeader => {
  const cells = columns.map(({ field, label, key, name }) => {
    const cell = el('div', { role: 'columnheader', class: `cell ${field}` });
    if (key === undefined) cell.append(label);
    else {
      const button = el('button', { type: 'button', class: 'sort', title: name && `Sort by ${name}` }, label);
      button.addEventListener('click', () => onSort(key));
      cell.append(button);
    }
    return { key, cell };
  });
  // On a phone the row of names has no room; one choice stands for it.
  const choice = byId<HTMLSelectElement>('sort');
  for (const { key, label, name } of columns) {
    if (key !== undefined) choice.append(el('option', { value: key }, name ?? label));
  }
  choice.addEventListener('change', () => {
    const chosen = columns.find(({ key }) => key === choice.value)?.key;
    if (chosen !== undefined) onSort(chosen);
  });
  const star = el(
    'div',
    { role: 'columnheader', class: 'cell star' },
    el('span', { class: 'visually-hidden' }, 'Favourite'),
  );
  return {
    element: el(
      'div',
      { role: 'row', class: 'row header', 'aria-rowindex': '1' },
      star,
      ...cells.map(({ cell }) => cell),
    ),
    show(sorted, order) {
      choice.value = sorted;
      for (const { key, cell } of cells) {
        if (key !== undefined) setAttribute(cell, 'aria-sort', key === sorted ? order : 'none');
      }
    },
  };
};
