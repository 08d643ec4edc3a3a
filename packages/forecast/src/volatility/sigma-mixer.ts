/** Combines the members of the bank into one standard deviation, and learns from outcomes how far to trust each. */
export interface SigmaMixer {
  /**
   * Expected standard deviation over the horizon.
   * @param variances over the horizon, by member, each at least the square of the tick.
   * @param logTick the tick as a share of the price.
   */
  sigma(variances: Float64Array, logTick: number): number;
  /**
   * Learns from an outcome.
   * @param variances as they were when the resolved forecast was made.
   * @param squaredOutcome of the whole horizon, at least the square of the tick so that its scale is never zero.
   * @param resolved outcomes known by now, including this one.
   */
  learn(variances: Float64Array, squaredOutcome: number, logTick: number, resolved: number): void;
  save(): string;
  load(state: unknown): void;
}
