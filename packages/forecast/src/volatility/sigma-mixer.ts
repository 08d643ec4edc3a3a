/** Makes one standard deviation out of the members of the bank, and learns from outcomes which of them to believe. */
export interface SigmaMixer {
  /**
   * Expected standard deviation over the horizon.
   * @param variances over the horizon, by member, each at least the square of the tick.
   * @param logTick the tick as a share of the price.
   */
  sigma(variances: Float64Array, logTick: number): number;
  /**
   * @param variances as they were when the forecast was made that this outcome resolves.
   * @param squaredOutcome of the whole horizon, at least the square of the tick so that its scale is never zero.
   * @param resolved outcomes known by now, this one included.
   */
  learn(variances: Float64Array, squaredOutcome: number, logTick: number, resolved: number): void;
  save(): string;
  load(state: unknown): void;
}
