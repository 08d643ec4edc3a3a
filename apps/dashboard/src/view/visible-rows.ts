import type { WatchEntry } from '../model/watch-entry.js';
import { setAttribute, setData } from './dom.js';
import { createWatchRow, type WatchRow } from './watch-row.js';

/**
 * The visible rows of the list. Only they are in the document, so that a tick of any other of hundreds of symbols costs
 * neither layout nor paint.
 */
export interface VisibleRows {
  readonly rows: readonly WatchRow[];
  /** Number of rows that a page key moves by. */
  readonly pageLength: number;
  /** Must be called when the size of the list has changed. Asking on every paint would force a layout each time. */
  measure(): void;
  /** Puts the entries that are scrolled to into the rows. */
  place(entries: readonly WatchEntry[], active: number, selected: string): void;
  /** Scrolls until the entry of this index is visible. */
  reveal(index: number): void;
}

export interface VisibleRowsOptions {
  /** Scrolls; has the header and the body. */
  readonly grid: HTMLElement;
  readonly header: HTMLElement;
  readonly body: HTMLElement;
  /** A row became visible. */
  readonly onSeen: (entry: WatchEntry) => void;
}

/** Rows drawn beyond each end of the visible part. */
const overscan = 3;

export const createVisibleRows = ({ grid, header, body, onSeen }: VisibleRowsOptions): VisibleRows => {
  const rows: WatchRow[] = [];
  let rowHeight = 0;
  /** Height of the grid below its header. */
  let height = 0;

  return {
    rows,
    get pageLength() {
      return Math.max(1, Math.floor(grid.clientHeight / Math.max(1, rowHeight)) - 1);
    },
    measure() {
      rowHeight = Number.parseFloat(getComputedStyle(grid).getPropertyValue('--row-height'));
      height = grid.clientHeight - header.offsetHeight;
    },
    place(entries, active, selected) {
      if (rowHeight === 0) return;
      const first = Math.max(0, Math.floor(grid.scrollTop / rowHeight) - overscan);
      const count = Math.ceil(height / rowHeight) + 2 * overscan + 1;
      const end = Math.min(entries.length, first + count);
      while (rows.length < count) {
        const row = createWatchRow(`market-${rows.length}`);
        rows.push(row);
        body.append(row.element);
      }
      body.style.height = `${entries.length * rowHeight}px`;
      const used = new Set<WatchRow>();
      for (let index = first; index < end; index += 1) {
        const entry = entries[index] as WatchEntry;
        const row = rows[index % rows.length] as WatchRow;
        if (row.entry !== entry) onSeen(entry);
        row.place(index, entry, rowHeight);
        setAttribute(row.element, 'aria-selected', String(entry.key === selected));
        setData(row.element, 'active', String(index === active));
        if (index === active) setAttribute(grid, 'aria-activedescendant', row.element.id);
        used.add(row);
      }
      for (const row of rows) if (!used.has(row) && !row.element.hidden) row.hide();
    },
    reveal(index) {
      const top = index * rowHeight;
      if (top < grid.scrollTop) grid.scrollTop = top;
      else if (top + rowHeight > grid.scrollTop + height) grid.scrollTop = top + rowHeight - height;
    },
  };
};
