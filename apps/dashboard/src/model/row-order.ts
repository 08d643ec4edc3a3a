import { filterRows, nextSort, type Sortable, type SortKey, type SortOrder, sortRows } from './watch-order.js';

export interface RowOrderOptions<Row> {
  readonly entries: readonly Row[];
  readonly sort: { readonly key: SortKey; readonly order: SortOrder };
  readonly filter: string;
  /** Whether this row's values are known: unknown ones stand last. */
  readonly isKnown: (row: Row) => boolean;
}

/** The rows that pass the filter, in the chosen order. They change places only now and then. */
export interface RowOrder<Row> {
  readonly rows: readonly Row[];
  readonly sort: { readonly key: SortKey; readonly order: SortOrder };
  readonly filter: string;
  sortBy(key: SortKey): void;
  setFilter(filter: string): void;
  /** The next `update` sorts in any case. */
  expire(): void;
  /** Sorts if it is due; returns whether it did. Rows that are held change places only by choice of the viewer. */
  update(now: number, isHeld: boolean): boolean;
}

/** Rows sorted by a changing value are put in order this often. */
const reorderMs = 1_500;

export const createRowOrder = <Row extends Sortable>(options: RowOrderOptions<Row>): RowOrder<Row> => {
  const { entries, isKnown } = options;
  let { sort, filter } = options;
  let rows: readonly Row[] = [];
  let sortedAt = Number.NEGATIVE_INFINITY;
  /** What the rows were sorted by. */
  let sortedBy = '';
  return {
    get rows() {
      return rows;
    },
    get sort() {
      return sort;
    },
    get filter() {
      return filter;
    },
    sortBy(key) {
      sort = nextSort(key, sort);
      sortedAt = Number.NEGATIVE_INFINITY;
    },
    setFilter(typed) {
      filter = typed;
    },
    expire() {
      sortedBy = '';
    },
    update(now, isHeld) {
      const by = `${sort.key} ${sort.order} ${filter} ${entries.length} ${entries.filter(isKnown).length}`;
      const isDue = sort.key !== 'symbol' && now - sortedAt > reorderMs && !isHeld;
      if (by === sortedBy && !isDue) return false;
      rows = sortRows(filterRows(entries, filter), sort.key, sort.order);
      sortedAt = now;
      sortedBy = by;
      return true;
    },
  };
};
