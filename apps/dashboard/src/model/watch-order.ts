export const sortKeys = ['symbol', 'last', 'change', 'move', 'volume', 'spread', 'age'] as const;
export type SortKey = (typeof sortKeys)[number];
export type SortOrder = 'ascending' | 'descending';

/** What rows are sorted and filtered by. NaN where it is not known yet. */
export interface Sortable {
  readonly venue: string;
  readonly symbol: string;
  readonly last: number;
  readonly changePercent: number;
  /** Over 24 h, as a difference of prices. */
  readonly move: number;
  /** Over 24 h, in US dollars; NaN also where no price says what it is in dollars. */
  readonly dollarVolume: number;
  readonly spreadBasisPoints: number;
  /** When the venue last showed life, by the clock of this page. */
  readonly heardAtVenue: number;
  readonly isFavourite: boolean;
}

const numberOf: Readonly<Record<Exclude<SortKey, 'symbol'>, (row: Sortable) => number>> = {
  last: (row) => row.last,
  change: (row) => row.changePercent,
  move: (row) => row.move,
  volume: (row) => row.dollarVolume,
  spread: (row) => row.spreadBasisPoints,
  // The youngest is the one heard last.
  age: (row) => -row.heardAtVenue,
};

/**
 * Favourites stand first. Unknown values stand last in either order; ties by name, so that rows do not trade places for
 * nothing.
 */
export const sortRows = <Row extends Sortable>(rows: readonly Row[], key: SortKey, order: SortOrder): Row[] => {
  const sign = order === 'ascending' ? 1 : -1;
  const byFavour = (a: Row, b: Row): number => Number(b.isFavourite) - Number(a.isFavourite);
  if (key === 'symbol') return [...rows].sort((a, b) => byFavour(a, b) || sign * byName(a, b));
  const value = numberOf[key];
  const byValue = (x: number, y: number): number =>
    Number.isNaN(x) || Number.isNaN(y) ? Number(Number.isNaN(x)) - Number(Number.isNaN(y)) : sign * (x - y);
  return [...rows].sort((a, b) => byFavour(a, b) || byValue(value(a), value(b)) || byName(a, b));
};

/** Every word of the filter must be in the symbol or the venue; `btc usd` finds BTC-USD and BTC-USDT. */
export const filterRows = <Row extends Sortable>(rows: readonly Row[], filter: string): readonly Row[] => {
  const words = filter
    .toLowerCase()
    .split(/[\s/]+/)
    .filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter(({ venue, symbol }) => {
    const name = `${symbol.toLowerCase()} ${venue}`;
    return words.every((word) => name.includes(word));
  });
};

/**
 * A second click on a column reverses its order. A new column begins as people expect: names from A, numbers from the
 * largest.
 */
export const nextSort = (
  clicked: SortKey,
  { key, order }: { readonly key: SortKey; readonly order: SortOrder },
): { readonly key: SortKey; readonly order: SortOrder } => {
  if (clicked === key) return { key, order: order === 'ascending' ? 'descending' : 'ascending' };
  return { key: clicked, order: clicked === 'symbol' || clicked === 'spread' ? 'ascending' : 'descending' };
};

const byName = (a: Sortable, b: Sortable): number =>
  a.symbol < b.symbol ? -1 : a.symbol > b.symbol ? 1 : a.venue < b.venue ? -1 : Number(a.venue > b.venue);
