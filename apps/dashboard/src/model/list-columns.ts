/** Columns that are hidden, in this order, if the list has no room for all. Name, price and change always stay. */
const givingWay = ['move', 'spread', 'age', 'volume', 'trend'] as const;

export type GivingColumn = (typeof givingWay)[number];

/** Rows of one line; of two, with the volume under the price and the move under the change; of two on a phone. */
export type ListShape = 'one' | 'two' | 'phone';

export interface ListRoom {
  /** Inside of the list, in CSS pixels. */
  readonly width: number;
  /** The widest price of the list, and the widest absolute change. */
  readonly priceWidth: number;
  readonly moveWidth: number;
  /** Names of one venue need less room than those that say their venue. */
  readonly hasVenues: boolean;
  readonly shape: ListShape;
}

const starWidth = 24;
const nameWidth = 88;
const venueWidth = 56;
const leastChangeWidth = 60;
const leastPriceWidth = 70;
const gap = 7;

/** The columns that may give way. Those with a line of their own are not among them. */
const candidatesOf: Readonly<Record<ListShape, readonly GivingColumn[]>> = {
  one: givingWay,
  two: ['spread', 'age', 'trend'],
  phone: ['trend'],
};

export interface ListColumns {
  /** `grid-template-columns` and `grid-template-areas` of a row, hidden columns left out. */
  readonly template: string;
  readonly areas: string;
  readonly hidden: readonly GivingColumn[];
}

/** Which columns a row has, so that every price is whole. */
export const listColumns = ({ width, priceWidth, moveWidth, hasVenues, shape }: ListRoom): ListColumns => {
  const move = Math.max(leastChangeWidth, Math.ceil(moveWidth) + 1);
  const widths: Readonly<Record<GivingColumn, number>> = { move, spread: 52, age: 32, volume: 54, trend: 56 };
  const price = Math.max(leastPriceWidth, Math.ceil(priceWidth) + 1);
  const change = shape === 'one' ? leastChangeWidth : move;
  const name = nameWidth + (hasVenues && shape === 'one' ? venueWidth : 0);
  const candidates = candidatesOf[shape];
  const hidden: GivingColumn[] = [];
  const needed = (): number => {
    const shown = candidates.filter((column) => !hidden.includes(column)).map((column) => widths[column] + gap);
    return starWidth + name + price + change + 3 * gap + shown.reduce((sum, each) => sum + each, 0);
  };
  for (const column of candidates) {
    if (needed() <= width) break;
    hidden.push(column);
  }
  const isShown = (column: GivingColumn): boolean => candidates.includes(column) && !hidden.includes(column);
  const part = (column: GivingColumn): string[] => (isShown(column) ? [`${widths[column]}px`] : []);
  const area = (column: GivingColumn): string[] => (isShown(column) ? [column] : []);
  const template = [
    `${starWidth}px minmax(${name}px, 1.3fr)`,
    ...part('trend'),
    `minmax(${price}px, 1fr)`,
    `${change}px`,
    ...[...part('move'), ...part('volume'), ...part('spread'), ...part('age')],
  ].join(' ');
  const line = (last: string, second: string): string =>
    [
      ...['star', 'symbol', ...area('trend'), last, second],
      ...[...area('move'), ...area('volume'), ...area('spread'), ...area('age')],
    ].join(' ');
  const areas =
    shape === 'one' ? `"${line('last', 'change')}"` : `"${line('last', 'change')}" "${line('volume', 'move')}"`;
  const without = shape === 'phone' ? (['spread', 'age'] as const) : [];
  return { template, areas, hidden: [...hidden, ...without] };
};
