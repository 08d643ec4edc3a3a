import { type HorizonRunOptions, runHorizon } from './horizon-run.js';

export interface GoldenRow {
  /** Absent if the step has no price. */
  readonly price: number | undefined;
  readonly sigma: number | undefined;
  /** Empty while there are no intervals. */
  readonly halfWidths: readonly number[];
  readonly resolvedReturn: number | undefined;
}

const cellOf = (text: string | undefined): number | undefined =>
  text === undefined || text === '' ? undefined : Number(text);

/** Columns: i,price,sigma,half50,half80,half90,half95,resolved_y. */
export const parseGolden = (csv: string): GoldenRow[] =>
  csv
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [, price, sigma, ...rest] = line.split(',').map(cellOf);
      const resolvedReturn = rest.pop();
      return { price, sigma, halfWidths: rest.filter((cell) => cell !== undefined), resolvedReturn };
    });

export interface GoldenDifference {
  /** Largest relative difference of sigma and half widths. */
  readonly widths: number;
  /** Largest absolute difference of resolved returns: a difference of two logarithms, correct to their last bits. */
  readonly returns: number;
  /** Rows in which only one side has a value. */
  readonly shape: number;
}

/** Runs one horizon over the prices of golden vectors and compares everything the vectors hold. */
export const compareWithGolden = (rows: readonly GoldenRow[], options: HorizonRunOptions): GoldenDifference => {
  let widths = 0;
  let returns = 0;
  let shape = 0;
  runHorizon(
    rows.map(({ price }) => price),
    options,
  ).forEach((made, i) => {
    const row = rows[i] as GoldenRow;
    const halfWidths = made?.halfWidths ?? [];
    if ((made === undefined) !== (row.sigma === undefined)) shape++;
    if (halfWidths.length !== row.halfWidths.length) shape++;
    if ((made?.resolved === undefined) !== (row.resolvedReturn === undefined)) shape++;
    widths = Math.max(widths, Math.abs((made?.sigma ?? 1) / (row.sigma ?? 1) - 1));
    halfWidths.forEach((halfWidth, j) => {
      widths = Math.max(widths, Math.abs(halfWidth / (row.halfWidths[j] as number) - 1));
    });
    returns = Math.max(returns, Math.abs((made?.resolved?.return ?? 0) - (row.resolvedReturn ?? 0)));
  });
  return { widths, returns, shape };
};
