import { createForecaster } from '../forecaster.js';

export interface GoldenRow {
  readonly price: number;
  readonly sigma: number;
  /** Empty while there are no intervals. */
  readonly halfWidths: readonly number[];
  readonly resolvedReturn: number | undefined;
}

/** Columns: i,price,sigma,half50,half80,half90,half95,resolved_y. */
export const parseGolden = (csv: string): GoldenRow[] =>
  csv
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [, price, sigma, ...rest] = line.split(',');
      const resolved = rest.pop() ?? '';
      return {
        price: Number(price),
        sigma: Number(sigma),
        halfWidths: rest.filter((cell) => cell !== '').map(Number),
        resolvedReturn: resolved === '' ? undefined : Number(resolved),
      };
    });

export interface GoldenDifference {
  /** Largest relative difference of sigma and half widths. */
  readonly widths: number;
  /** Largest absolute difference of resolved returns: a difference of two logarithms, right to their last bits. */
  readonly returns: number;
  /** Rows in which one side has a value and the other has none. */
  readonly shape: number;
}

/** Runs the forecaster over the prices of golden vectors and compares everything they hold. */
export const compareWithGolden = (rows: readonly GoldenRow[], horizonSteps: number): GoldenDifference => {
  const forecaster = createForecaster({ horizonSteps, tickSize: 0.01 });
  let widths = 0;
  let returns = 0;
  let shape = 0;
  for (const row of rows) {
    const { forecast, resolved } = forecaster.update(row.price);
    const halfWidths = forecast.halfWidths ?? [];
    if (halfWidths.length !== row.halfWidths.length) shape++;
    if ((resolved === undefined) !== (row.resolvedReturn === undefined)) shape++;
    widths = Math.max(widths, Math.abs(forecast.sigma / row.sigma - 1));
    halfWidths.forEach((halfWidth, j) => {
      widths = Math.max(widths, Math.abs(halfWidth / (row.halfWidths[j] as number) - 1));
    });
    returns = Math.max(returns, Math.abs((resolved?.return ?? 0) - (row.resolvedReturn ?? 0)));
  }
  return { widths, returns, shape };
};
