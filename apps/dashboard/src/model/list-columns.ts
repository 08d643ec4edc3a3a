/** Columns that give way, the first one first, where the list has no room for all. Name, price and change always stay. */
const givingWay = ['spread', 'age', 'trend'] as const;

export type GivingColumn = (typeof givingWay)[number];

export interface ListRoom {
  /** Inside of the list, in CSS pixels. */
  readonly width: number;
  /** The widest price of the list. */
  readonly priceWidth: number;
  /** Names of one venue need less room than those that say their venue. */
  readonly hasVenues: boolean;
  /** Rows of two lines, as on a phone: age and spread have a line of their own. */
  readonly isTwoLines: boolean;
}

const nameWidth = 88;
const venueWidth = 56;
const changeWidth = 64;
const leastPriceWidth = 70;
const gap = 7;
const widths: Readonly<Record<GivingColumn, number>> = { spread: 52, age: 32, trend: 56 };

export interface ListColumns {
  /** `grid-template-columns` of a row, hidden columns left out. */
  readonly template: string;
  readonly hidden: readonly GivingColumn[];
}

/** Which columns a row has, so that every price is whole. */
export const listColumns = ({ width, priceWidth, hasVenues, isTwoLines }: ListRoom): ListColumns => {
  const price = Math.max(leastPriceWidth, Math.ceil(priceWidth) + 1);
  const name = nameWidth + (hasVenues ? venueWidth : 0);
  const candidates: readonly GivingColumn[] = isTwoLines ? ['trend'] : givingWay;
  const hidden: GivingColumn[] = [];
  const needed = (): number => {
    const shown = candidates.filter((column) => !hidden.includes(column)).map((column) => widths[column] + gap);
    return name + price + changeWidth + 2 * gap + shown.reduce((sum, each) => sum + each, 0);
  };
  for (const column of candidates) {
    if (needed() <= width) break;
    hidden.push(column);
  }
  const part = (column: GivingColumn): string[] =>
    candidates.includes(column) && !hidden.includes(column) ? [`${widths[column]}px`] : [];
  const template = [
    `minmax(${name}px, 1.3fr)`,
    ...part('trend'),
    `minmax(${price}px, 1fr)`,
    `${changeWidth}px`,
    ...part('spread'),
    ...part('age'),
  ].join(' ');
  return { template, hidden };
};
