import { createRowOrder } from '../model/row-order.js';
import type { WatchEntry } from '../model/watch-entry.js';
import type { SortKey, SortOrder } from '../model/watch-order.js';
import { byId, el, setAttribute, setData, setText } from './dom.js';
import { createListRoom } from './list-room.js';
import { createVisibleRows } from './visible-rows.js';
import { createWatchHeader } from './watch-header.js';
import type { WatchMoment } from './watch-row.js';

export interface WatchlistOptions {
  readonly entries: readonly WatchEntry[];
  readonly sort: { readonly key: SortKey; readonly order: SortOrder };
  readonly filter: string;
  readonly moment: () => WatchMoment;
  /** The text of an empty list. */
  readonly emptyText: () => string;
  /** Marks the list for painting. */
  readonly mark: () => void;
  readonly onSort: (key: SortKey, order: SortOrder) => void;
  readonly onFilter: (filter: string) => void;
  readonly onSelect: (entry: WatchEntry) => void;
  readonly onFavourite: (entry: WatchEntry) => void;
  /** A row became visible. */
  readonly onSeen: (entry: WatchEntry) => void;
}

export interface WatchlistView {
  paint(): void;
  select(key: string): void;
}

/** Up to this many symbols there is room for rows of two lines, and for other panes below them. */
const fewSymbols = 8;

export const createWatchlistView = (options: WatchlistOptions): WatchlistView => {
  const grid = byId('grid');
  const filterInput = byId<HTMLInputElement>('filter');
  const { entries } = options;
  const order = createRowOrder({ ...options, isKnown: ({ ticker }) => ticker !== undefined });
  let selected = '';
  let active = 0;
  let isPointerInside = false;

  const header = createWatchHeader((key) => {
    order.sortBy(key);
    options.onSort(order.sort.key, order.sort.order);
    options.mark();
  });
  const body = el('div', { role: 'rowgroup', class: 'rows' });
  const empty = el('p', { class: 'empty' });
  grid.append(el('div', { role: 'rowgroup' }, header.element), body);
  grid.after(empty);
  const room = createListRoom(grid, header.element);
  const visible = createVisibleRows({ grid, header: header.element, body, onSeen: options.onSeen });
  setAttribute(grid, 'role', 'grid');
  setAttribute(grid, 'tabindex', '0');
  setAttribute(grid, 'aria-label', 'Markets. Arrow keys move, Enter opens, F marks a favourite.');
  filterInput.value = options.filter;

  const activate = (key: string): void => {
    active = Math.max(
      0,
      order.rows.findIndex((entry) => entry.key === key),
    );
  };

  const putInOrder = (now: number): void => {
    const activeKey = order.rows[active]?.key ?? selected;
    if (!order.update(now, isPointerInside)) return;
    activate(activeKey);
    const { rows: shown, sort, filter } = order;
    header.show(sort.key, sort.order);
    room.setVenues(new Set(entries.map(({ venue }) => venue)).size > 1 ? 'several' : 'one');
    setDensity(entries.length > fewSymbols ? 'many' : 'few');
    setAttribute(grid, 'aria-rowcount', String(shown.length + 1));
    setText(byId('markets-count'), filter === '' ? String(shown.length) : `${shown.length} of ${entries.length}`);
  };

  const isPhone = matchMedia('(max-width: 719px)');
  const setShape = (): void => {
    const isFew = byId('layout').dataset['symbols'] === 'few';
    room.setShape(isPhone.matches ? 'phone' : isFew ? 'two' : 'one');
  };

  const measure = (): void => {
    setShape();
    room.measure();
    visible.measure();
    options.mark();
  };
  new ResizeObserver(measure).observe(grid);

  const setDensity = (symbols: 'few' | 'many'): void => {
    const page = byId('layout');
    if (page.dataset['symbols'] === symbols) return;
    setData(page, 'symbols', symbols);
    measure();
  };

  const moveTo = (index: number): void => {
    active = Math.max(0, Math.min(order.rows.length - 1, index));
    visible.reveal(active);
    options.mark();
  };

  const open = (entry: WatchEntry | undefined): void => {
    if (entry === undefined) return;
    active = order.rows.indexOf(entry);
    options.onSelect(entry);
  };

  const favour = (entry: WatchEntry | undefined): void => {
    if (entry === undefined) return;
    options.onFavourite(entry);
    order.expire();
    options.mark();
  };

  /** A quick typist may be ahead of the next paint. */
  const orderForKey = (): void => putInOrder(options.moment().now);
  const keys: Readonly<Record<string, () => void>> = {
    ArrowDown: () => moveTo(active + 1),
    ArrowUp: () => moveTo(active - 1),
    PageDown: () => moveTo(active + visible.pageLength),
    PageUp: () => moveTo(active - visible.pageLength),
    Home: () => moveTo(0),
    End: () => moveTo(order.rows.length - 1),
    Enter: () => open(order.rows[active]),
    ' ': () => open(order.rows[active]),
    f: () => favour(order.rows[active]),
  };
  grid.addEventListener('keydown', (event) => {
    // The buttons of the header have keys of their own.
    if (event.target !== grid || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = keys[event.key];
    if (act === undefined) return;
    event.preventDefault();
    orderForKey();
    act();
  });
  grid.addEventListener('click', (event) => {
    const target = event.target as Element;
    const element = target.closest('.row');
    const entry = visible.rows.find((row) => row.element === element)?.entry;
    if (target.closest('.star-button') === null) open(entry);
    else favour(entry);
  });
  grid.addEventListener('scroll', options.mark, { passive: true });
  body.addEventListener('pointerenter', () => {
    isPointerInside = true;
  });
  body.addEventListener('pointerleave', () => {
    isPointerInside = false;
  });
  filterInput.addEventListener('input', () => {
    order.setFilter(filterInput.value);
    grid.scrollTop = 0;
    options.onFilter(order.filter);
    options.mark();
  });
  filterInput.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') {
      orderForKey();
      open(order.rows[0]);
    }
    if (event.key === 'ArrowDown') grid.focus();
  });

  return {
    paint() {
      const moment = options.moment();
      putInOrder(moment.now);
      const text = order.rows.length === 0 ? options.emptyText() : '';
      setText(empty, text);
      empty.hidden = text === '';
      visible.place(order.rows, active, selected);
      for (const row of visible.rows) row.paint(moment);
      room.fit(visible.rows);
    },
    select(key) {
      selected = key;
      activate(key);
      options.mark();
    },
  };
};
