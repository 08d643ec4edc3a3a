import { createRowOrder } from '../model/row-order.js';
import type { WatchEntry } from '../model/watch-entry.js';
import type { SortKey, SortOrder } from '../model/watch-order.js';
import { byId, el, setAttribute, setData, setText } from './dom.js';
import { createListRoom } from './list-room.js';
import { createWatchHeader } from './watch-header.js';
import { createWatchRow, type WatchMoment, type WatchRow } from './watch-row.js';

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
/** Rows drawn beyond each end of the visible part. */
const overscan = 3;

/**
 * The watchlist. Of hundreds of symbols only the visible rows are in the document, so a tick of any other costs neither
 * layout nor paint.
 */
export const createWatchlistView = (options: WatchlistOptions): WatchlistView => {
  const grid = byId('grid');
  const filterInput = byId<HTMLInputElement>('filter');
  const { entries } = options;
  const order = createRowOrder({ ...options, isKnown: ({ ticker }) => ticker !== undefined });
  let selected = '';
  let active = 0;
  let isPointerInside = false;
  const rows: WatchRow[] = [];

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

  const rowHeight = (): number => Number.parseFloat(getComputedStyle(grid).getPropertyValue('--row-height'));

  const isPhone = matchMedia('(max-width: 719px)');
  const setShape = (): void => {
    const isFew = byId('layout').dataset['symbols'] === 'few';
    room.setShape(isPhone.matches ? 'phone' : isFew ? 'two' : 'one');
  };

  let layout = { rowHeight: 0, headerHeight: 0, height: 0 };
  /** Read only when the size changes: asking on every paint would force a layout each time. */
  const measure = (): void => {
    setShape();
    room.measure();
    layout = {
      rowHeight: rowHeight(),
      headerHeight: header.element.offsetHeight,
      height: grid.clientHeight,
    };
    options.mark();
  };
  new ResizeObserver(measure).observe(grid);

  const setDensity = (symbols: 'few' | 'many'): void => {
    const page = byId('layout');
    if (page.dataset['symbols'] === symbols) return;
    setData(page, 'symbols', symbols);
    measure();
  };

  const placeRows = (): void => {
    const { rowHeight: height, headerHeight } = layout;
    if (height === 0) return;
    const first = Math.max(0, Math.floor(grid.scrollTop / height) - overscan);
    const count = Math.ceil((layout.height - headerHeight) / height) + 2 * overscan + 1;
    const end = Math.min(order.rows.length, first + count);
    while (rows.length < count) {
      const row = createWatchRow(`market-${rows.length}`);
      rows.push(row);
      body.append(row.element);
    }
    body.style.height = `${order.rows.length * height}px`;
    const used = new Set<WatchRow>();
    for (let index = first; index < end; index += 1) {
      const entry = order.rows[index] as WatchEntry;
      const row = rows[index % rows.length] as WatchRow;
      if (row.entry !== entry) options.onSeen(entry);
      row.place(index, entry, height);
      setAttribute(row.element, 'aria-selected', String(entry.key === selected));
      setData(row.element, 'active', String(index === active));
      if (index === active) setAttribute(grid, 'aria-activedescendant', row.element.id);
      used.add(row);
    }
    for (const row of rows) if (!used.has(row) && !row.element.hidden) row.hide();
  };

  const moveTo = (index: number): void => {
    active = Math.max(0, Math.min(order.rows.length - 1, index));
    const { rowHeight: height, headerHeight } = layout;
    const top = active * height;
    const visible = layout.height - headerHeight;
    if (top < grid.scrollTop) grid.scrollTop = top;
    else if (top + height > grid.scrollTop + visible) grid.scrollTop = top + height - visible;
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
  const page = (): number => Math.max(1, Math.floor(layout.height / Math.max(1, layout.rowHeight)) - 1);
  const keys: Readonly<Record<string, () => void>> = {
    ArrowDown: () => moveTo(active + 1),
    ArrowUp: () => moveTo(active - 1),
    PageDown: () => moveTo(active + page()),
    PageUp: () => moveTo(active - page()),
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
    const entry = rows.find((row) => row.element === element)?.entry;
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
      placeRows();
      for (const row of rows) row.paint(moment);
      room.fit(rows);
    },
    select(key) {
      selected = key;
      activate(key);
      options.mark();
    },
  };
};
