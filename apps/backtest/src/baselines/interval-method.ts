/** A way to make intervals about the last price, for comparison. Half widths are by level, in log return. */
export interface IntervalMethod {
  readonly name: string;
  /** Once a step, first: the return of this step, or undefined where it is not a return of one step. */
  observe(move: number | undefined): void;
  /** Then, where a forecast of this method comes due: its outcome, its half widths, and what it called its scale. */
  resolve(outcome: number, halfWidths: Float64Array, scale: number): void;
  /** Last: the forecast of this step. Returns the scale its widths are multiples of; 0 where it has none. */
  forecast(into: Float64Array): number;
}
